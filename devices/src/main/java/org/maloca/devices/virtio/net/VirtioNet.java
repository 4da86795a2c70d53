package org.maloca.devices.virtio.net;

import java.util.Arrays;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * A network card (virtio 1.2, section 5.1): receive queues at even numbers, transmit queues at odd
 * ones, the control queue last.
 *
 * <p>Each frame is copied once and handed to the backend: short ones by the vCPU that notifies,
 * long ones by the transmit queue's worker, beside which the guest makes the next. The backend
 * delivers frames on its own threads, which copy them into the guest's buffers; while there are
 * none, it holds back; a backend that holds back leaves frames in the guest's queues. With several
 * queues, a frame comes in by the pair whose transmit queue its flow used last.
 */
public final class VirtioNet extends VirtioDevice {
  private static final int TYPE = 1;

  private static final int CONFIG_BYTES = 20;
  private static final int MAC = 0;
  private static final int STATUS = 6;
  private static final int MAX_VIRTQUEUE_PAIRS = 8;
  private static final int MTU = 10;
  private static final int SPEED = 12;
  private static final int DUPLEX = 16;

  private static final int S_LINK_UP = 1;
  private static final int S_ANNOUNCE = 2;
  private static final int DUPLEX_FULL = 1;

  private static final int MAC_BYTES = 6;
  private static final int QUEUE_SIZE = 256;
  private static final int CONTROL_QUEUE_SIZE = 64;
  private static final int FLOWS = 1024;

  /** Longest request that the vCPU's thread sends itself: sending takes less than waking does. */
  private static final int AT_ONCE_BYTES = 2048;

  /**
   * A driver takes sent buffers back when it sends again or receives; an interrupt for each would
   * cost the guest as much as the frame.
   */
  private static final long SENT_WORD_NANOS = 500_000;

  private static final int SECTION_VERSION = 1;

  private static final long FEATURES =
      NetFeatures.CSUM
          | NetFeatures.CTRL_GUEST_OFFLOADS
          | NetFeatures.MAC
          | NetFeatures.GUEST_OFFLOADS
          | NetFeatures.HOST_TSO4
          | NetFeatures.HOST_TSO6
          | NetFeatures.HOST_ECN
          | NetFeatures.MRG_RXBUF
          | NetFeatures.STATUS
          | NetFeatures.CTRL_VQ
          | NetFeatures.CTRL_RX
          | NetFeatures.CTRL_VLAN
          | NetFeatures.CTRL_RX_EXTRA
          | NetFeatures.GUEST_ANNOUNCE
          | NetFeatures.CTRL_MAC_ADDR
          | NetFeatures.SPEED_DUPLEX;

  private final NetBackend backend;
  private final Options options;
  private final int maxPairs;
  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);
  private final NetControl control = new NetControl(this);
  private final NetReceiver[] receivers;
  private final NetTransmitter[] transmitters;
  private final NetCounters counters = new NetCounters();

  /** The queue pair that each flow used last, by hash. */
  private final byte[] flowPairs = new byte[FLOWS];

  private volatile Driver driver = new Driver(0, NetHeader.BYTES);
  private volatile NetFilter filter;
  private volatile long guestOffloads;
  private volatile int pairs = 1;
  private volatile boolean isLinkUp = true;
  private boolean announces;

  /** What was agreed on with the driver. */
  private record Driver(long features, int headerBytes) {}

  /**
   * How the guest sees the card.
   *
   * @param mac its address, six bytes, not a group's
   * @param queuePairs most pairs of queues that the guest can use, 1 to 16
   * @param mtuBytes largest packet that the network takes, 68 to 65535; 0 says nothing of it
   * @param speedMegabits speed of the link in Mbit/s, for people
   * @param isPacked whether packed rings are offered
   */
  public record Options(
      byte[] mac, int queuePairs, int mtuBytes, int speedMegabits, boolean isPacked) {
    public Options {
      if (mac.length != MAC_BYTES || (mac[0] & 1) != 0) {
        throw new IllegalArgumentException("not a station's MAC address: " + Arrays.toString(mac));
      }
      if (queuePairs < 1 || queuePairs > 16) {
        throw new IllegalArgumentException(queuePairs + " queue pairs");
      }
      if (mtuBytes != 0 && (mtuBytes < 68 || mtuBytes > 65535)) {
        throw new IllegalArgumentException("MTU " + mtuBytes);
      }
      mac = mac.clone();
    }

    /** One pair of queues on a link of 10 Gbit/s. */
    public static Options of(byte[] mac) {
      return new Options(mac, 1, 0, 10_000, false);
    }
  }

  /**
   * Makes a card and connects the backend to it.
   *
   * @param backend closed with the device
   */
  public VirtioNet(String id, GuestMemory memory, NetBackend backend, Options options) {
    super(id, TYPE, features(options), options.isPacked, memory, queueSizes(options.queuePairs));
    this.backend = backend;
    this.options = options;
    maxPairs = options.queuePairs;
    receivers = new NetReceiver[maxPairs];
    transmitters = new NetTransmitter[maxPairs];
    for (int pair = 0; pair < maxPairs; pair++) {
      receivers[pair] = new NetReceiver(queue(2 * pair));
      transmitters[pair] = new NetTransmitter();
    }
    filter = NetFilter.open(number(options.mac));
    config.set(MAC, options.mac);
    config.set(STATUS, 2, S_LINK_UP);
    config.set(MAX_VIRTQUEUE_PAIRS, 2, maxPairs);
    config.set(MTU, 2, options.mtuBytes);
    config.set(SPEED, 4, options.speedMegabits);
    config.set(DUPLEX, 1, DUPLEX_FULL);
    backend.connect(new Port());
  }

  private static long features(Options options) {
    return FEATURES
        | (options.queuePairs > 1 ? NetFeatures.MQ : 0)
        | (options.mtuBytes != 0 ? NetFeatures.MTU : 0);
  }

  private static int[] queueSizes(int pairs) {
    int[] sizes = new int[2 * pairs + 1];
    Arrays.fill(sizes, QUEUE_SIZE);
    sizes[2 * pairs] = CONTROL_QUEUE_SIZE;
    return sizes;
  }

  private static long number(byte[] mac) {
    long value = 0;
    for (byte part : mac) {
      value = value << 8 | part & 0xff;
    }
    return value;
  }

  private static byte[] bytes(long mac) {
    byte[] parts = new byte[MAC_BYTES];
    for (int i = 0; i < MAC_BYTES; i++) {
      parts[i] = (byte) (mac >>> 8 * (MAC_BYTES - 1 - i));
    }
    return parts;
  }

  public NetCounters counters() {
    return counters;
  }

  /** Plugs the cable in or pulls it. Any thread. */
  public void setLinkUp(boolean isUp) {
    synchronized (config) {
      isLinkUp = isUp;
      long others = config.get(STATUS, 2) & ~S_LINK_UP;
      config.set(STATUS, 2, isUp ? others | S_LINK_UP : others);
    }
    configChanged();
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  /** Before virtio 1.0 the address was set by writing it, byte by byte. */
  @Override
  protected void configWritten(int offset, int size, long value) {
    if (!isLegacy() || hasFeature(NetFeatures.CTRL_MAC_ADDR)) {
      return;
    }
    for (int i = 0; i < size && offset + i < MAC_BYTES; i++) {
      config.set(offset + i, 1, value >>> 8 * i);
    }
    long mac = 0;
    for (int i = 0; i < MAC_BYTES; i++) {
      mac = mac << 8 | config.get(MAC + i, 1);
    }
    filter = filter.withMac(mac);
  }

  @Override
  protected void activated() {
    boolean isLong = !isLegacy() || hasFeature(NetFeatures.MRG_RXBUF);
    long features = driverFeatures(FEATURES | NetFeatures.MQ);
    driver = new Driver(features, isLong ? NetHeader.BYTES : NetHeader.SHORT_BYTES);
    guestOffloads = features & NetFeatures.GUEST_OFFLOADS;
    if (hasFeature(NetFeatures.CTRL_VLAN)) {
      filter = filter.withVlanFilter();
    }
    for (NetReceiver receiver : receivers) {
      receiver.restart();
    }
  }

  @Override
  protected void deactivated() {
    long mac = number(options.mac);
    filter = NetFilter.open(mac);
    config.set(MAC, options.mac);
    pairs = 1;
    guestOffloads = 0;
    announced();
  }

  private boolean isControl(int queue) {
    return queue == (hasFeature(NetFeatures.MQ) ? 2 * maxPairs : 2);
  }

  @Override
  protected boolean isServed(int queue) {
    return queue % 2 == 1 || isControl(queue);
  }

  @Override
  protected void notified(VirtioQueue queue) {
    if (receivers[Math.min(queue.index() / 2, maxPairs - 1)].takeStarved()) {
      backend.roomAvailable();
    }
  }

  @Override
  protected boolean isServedAtOnce(int queue) {
    return queue % 2 == 1;
  }

  @Override
  protected long wordDelayNanos(int queue) {
    return queue % 2 == 1 ? SENT_WORD_NANOS : 0;
  }

  @Override
  protected long serveAtOnce(VirtioQueue queue, DescriptorChain chain) {
    return chain.readable().bytes() <= AT_ONCE_BYTES ? serve(queue, chain) : LATER;
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    if (queue.index() % 2 == 0) {
      return control.serve(chain);
    }
    if (!backend.mayTransmit()) {
      return LATER;
    }
    int pair = queue.index() / 2;
    Driver agreed = driver;
    NetFrame frame = transmitters[pair].take(chain.readable(), agreed.headerBytes, agreed.features);
    if (frame == null || !isLinkUp) {
      counters.sendDropped();
      return 0;
    }
    if (pairs > 1) {
      flowPairs[NetFlow.hash(frame.bytes()) % FLOWS] = (byte) pair;
    }
    counters.sent(frame.bytes().limit());
    backend.transmit(frame);
    return 0;
  }

  /** What the backend sees of the card. */
  private final class Port implements NetBackend.Port {
    @Override
    public void linkChanged(boolean isUp) {
      setLinkUp(isUp);
    }

    @Override
    public boolean receive(NetFrame frame) {
      int length = frame.bytes().limit();
      if (!isDriven() || !isLinkUp || length < NetTransmitter.MIN_FRAME_BYTES) {
        counters.receiveDropped();
        return true;
      }
      if (!filter.accepts(frame.bytes())) {
        return true;
      }
      if (!prepare(frame)) {
        counters.receiveDropped();
        return true;
      }
      Driver agreed = driver;
      boolean isMergeable = (agreed.features & NetFeatures.MRG_RXBUF) != 0;
      return switch (receiver(frame).deliver(frame, agreed.headerBytes, isMergeable)) {
        case DELIVERED -> {
          counters.received(length);
          yield true;
        }
        case TOO_LARGE -> {
          counters.receiveDropped();
          yield true;
        }
        case NO_ROOM -> false;
      };
    }

    /** Does for the frame what the driver would not; answers whether the driver can take it. */
    private boolean prepare(NetFrame frame) {
      long accepted = guestOffloads;
      long needed =
          switch (frame.segmentation()) {
            case NONE -> 0;
            case TCP_IPV4 -> NetFeatures.GUEST_TSO4;
            case TCP_IPV6 -> NetFeatures.GUEST_TSO6;
            case UDP -> -1;
          };
      if ((accepted & needed) != needed) {
        return false;
      }
      return (accepted & NetFeatures.GUEST_CSUM) != 0 || frame.completeChecksum();
    }

    @Override
    public void transmitReady() {
      for (int pair = 0; pair < maxPairs; pair++) {
        retry(2 * pair + 1);
      }
    }

    private NetReceiver receiver(NetFrame frame) {
      int active = pairs;
      int pair = active == 1 ? 0 : flowPairs[NetFlow.hash(frame.bytes()) % FLOWS];
      return receivers[pair < active ? pair : 0];
    }

    @Override
    public int features() {
      long accepted = guestOffloads;
      return ((accepted & NetFeatures.GUEST_CSUM) != 0 ? NetBackend.CHECKSUM : 0)
          | ((accepted & NetFeatures.GUEST_TSO4) != 0 ? NetBackend.TCP_IPV4 : 0)
          | ((accepted & NetFeatures.GUEST_TSO6) != 0 ? NetBackend.TCP_IPV6 : 0);
    }

    @Override
    public byte[] macAddress() {
      return bytes(filter.mac());
    }
  }

  NetFilter filter() {
    return filter;
  }

  void setFilter(NetFilter changed) {
    filter = changed;
  }

  void setMac(long mac) {
    config.set(MAC, bytes(mac));
    filter = filter.withMac(mac);
  }

  /** The driver uses so many pairs of queues from now on; answers whether it can. */
  boolean setPairs(int count) {
    if (!hasFeature(NetFeatures.MQ) || count < 1 || count > maxPairs) {
      return false;
    }
    pairs = count;
    return true;
  }

  boolean setGuestOffloads(long offloads) {
    long accepted = driver.features & NetFeatures.GUEST_OFFLOADS;
    if (!hasFeature(NetFeatures.CTRL_GUEST_OFFLOADS) || (offloads & ~accepted) != 0) {
      return false;
    }
    guestOffloads = offloads;
    return true;
  }

  /** The driver has told the network where it is. */
  boolean announced() {
    synchronized (config) {
      config.set(STATUS, 2, config.get(STATUS, 2) & ~S_ANNOUNCE);
    }
    return true;
  }

  @Override
  public void pause() {
    backend.pause();
    super.pause();
  }

  @Override
  public void resume() {
    super.resume();
    backend.resume();
    if (announces) {
      announces = false;
      synchronized (config) {
        config.set(STATUS, 2, config.get(STATUS, 2) | S_ANNOUNCE);
      }
      configChanged();
    }
  }

  @Override
  public void close() {
    super.close();
    backend.close();
  }

  @Override
  public void save(SnapshotWriter writer) {
    super.save(writer);
    SnapshotWriter.Section section = writer.section(id() + ".virtio-net", SECTION_VERSION);
    filter.save(section);
    section.put(pairs);
    section.put(guestOffloads);
  }

  @Override
  public void restore(SnapshotReader reader) {
    super.restore(reader);
    SnapshotReader.Section section = reader.section(id() + ".virtio-net", SECTION_VERSION);
    filter = NetFilter.restore(section);
    config.set(MAC, bytes(filter.mac()));
    pairs = Math.clamp(section.getInt(), 1, maxPairs);
    guestOffloads = section.getLong() & driver.features & NetFeatures.GUEST_OFFLOADS;
    // Switches may have the guest elsewhere.
    announces = hasFeature(NetFeatures.GUEST_ANNOUNCE) && isDriven();
  }
}
