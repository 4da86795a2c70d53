package org.maloca.bench;

import static org.maloca.bench.GuestHeaders.ETHERNET;
import static org.maloca.bench.GuestHeaders.GATEWAY;
import static org.maloca.bench.GuestHeaders.TRANSPORT;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;

/**
 * A card whose guest floods its network with what hurts most, on a thread of its own, as fast as a
 * guest can send: {@link #PER_MILLISECOND} frames.
 */
final class NetAbuser implements NetBackend.Port, AutoCloseable {
  /** What it sends. */
  enum Kind {
    /** Connections to a server that answers no more, and to ports where nobody is. */
    SYN_FLOOD,
    /** Pieces of packets, over each other, of which none is ever whole. */
    FRAGMENTS,
    /** TCP and UDP whose checksums are wrong. */
    BAD_CHECKSUMS,
    /** Questions for names that point at themselves. */
    DNS_LOOPS,
    /** Datagrams from and to ever new ports. */
    UDP_FLOOD,
    /** Connections to what is the host's own: its loopback, link-local and other addresses. */
    HOSTS_OWN;

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  static final int PER_MILLISECOND = 20;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int TCP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final int SYN = 2;
  private static final int ACK = 16;
  private static final int DNS_PORT = 53;
  private static final GuestHeaders HEADERS = new GuestHeaders(2, 0x0a00_0210);
  private static final int DNS = 0x0a00_0203;
  private static final int[] HOSTS_OWN = {
    0x7f00_0001, 0x7fff_fffe, 0, 0xa9fe_a9fe, 0xe000_0001, 0xffff_ffff
  };

  private final NetBackend network;
  private final Kind kind;
  private final int silentPort;
  private final int peerPort;
  private final NetFrame frame = new NetFrame();
  private final SplittableRandom random = new SplittableRandom(34);
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong frames = new AtomicLong();
  private final Thread thread = new Thread(this::flood, "net-abuser");
  private volatile boolean isEnding;
  private volatile boolean isPaused = true;

  /**
   * Makes one that sends nothing until {@link #resume}.
   *
   * @param silentPort of the loopback, where connections are not accepted
   * @param peerPort of the loopback, where they are
   */
  NetAbuser(NetBackend network, Kind kind, int silentPort, int peerPort) {
    this.network = network;
    this.kind = kind;
    this.silentPort = silentPort;
    this.peerPort = peerPort;
    network.connect(this);
    thread.setDaemon(true);
    thread.start();
  }

  /** Frames that were sent. */
  long frames() {
    return frames.get();
  }

  /** CPU time of the thread that sends, which the network's work for it is part of. */
  long cpuNanos() {
    return THREADS.getThreadCpuTime(thread.threadId());
  }

  /** Connections that somebody has answered. */
  long opened() {
    return opened.get();
  }

  /** Sends nothing more until {@link #resume}. */
  void pause() {
    isPaused = true;
  }

  void resume() {
    isPaused = false;
  }

  private void flood() {
    long due = System.nanoTime();
    while (!isEnding) {
      for (int i = 0; i < PER_MILLISECOND && !isPaused; i++) {
        send();
        frames.incrementAndGet();
      }
      due += TimeUnit.MILLISECONDS.toNanos(1);
      long left = due - System.nanoTime();
      if (left > 0) {
        sleep(left);
      } else {
        // What the host had no time for is not made up for.
        due = System.nanoTime();
      }
    }
  }

  private void sleep(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException ending) {
      isEnding = true;
    }
  }

  private void send() {
    switch (kind) {
      case SYN_FLOOD -> syn(GATEWAY, random.nextBoolean() ? silentPort : anyPort());
      case FRAGMENTS -> fragment();
      case BAD_CHECKSUMS -> badChecksum();
      case DNS_LOOPS -> question();
      case UDP_FLOOD -> datagram(GATEWAY, anyPort(), anyPort(), 18);
      case HOSTS_OWN -> syn(HOSTS_OWN[random.nextInt(HOSTS_OWN.length)], peerPort);
    }
  }

  private int anyPort() {
    return random.nextInt(1, 65536);
  }

  private void syn(int to, int port) {
    tcp(to, port);
    frame.setChecksum(TRANSPORT, 16);
    network.transmit(frame);
  }

  private void tcp(int to, int port) {
    ByteBuffer bytes = begin(TCP, to, 0, TCP_BYTES);
    bytes.putShort(TRANSPORT, (short) anyPort()).putShort(TRANSPORT + 2, (short) port);
    bytes.putInt(TRANSPORT + 4, random.nextInt()).putInt(TRANSPORT + 8, 0);
    bytes.putShort(TRANSPORT + 12, (short) (TCP_BYTES / 4 << 12 | SYN));
    bytes.putShort(TRANSPORT + 14, (short) 0xffff);
  }

  private void datagram(int to, int fromPort, int toPort, int dataBytes) {
    ByteBuffer bytes = begin(UDP, to, 0, UDP_BYTES + dataBytes);
    bytes.putShort(TRANSPORT, (short) fromPort).putShort(TRANSPORT + 2, (short) toPort);
    bytes.putShort(TRANSPORT + 4, (short) (UDP_BYTES + dataBytes));
    frame.setChecksum(TRANSPORT, 6);
    network.transmit(frame);
  }

  private void fragment() {
    int from = random.nextInt(8000) & -8;
    boolean isLast = random.nextInt(50) == 0;
    int where = from >> 3 | (isLast ? 0 : 0x2000);
    begin(UDP, GATEWAY, random.nextInt(64) << 16 | where, 8 + (random.nextInt(1400) & -8));
    network.transmit(frame);
  }

  private void badChecksum() {
    if (random.nextBoolean()) {
      tcp(GATEWAY, peerPort);
      frame.bytes().putShort(TRANSPORT + 16, (short) random.nextInt());
      network.transmit(frame);
    } else {
      ByteBuffer bytes = begin(UDP, GATEWAY, 0, UDP_BYTES + 8);
      bytes.putShort(TRANSPORT, (short) anyPort()).putShort(TRANSPORT + 2, (short) peerPort);
      bytes.putShort(TRANSPORT + 4, (short) (UDP_BYTES + 8));
      bytes.putShort(TRANSPORT + 6, (short) (1 + random.nextInt(0xfffe)));
      network.transmit(frame);
    }
  }

  /** RFC 1035, section 4.1.4: pointers, of which these lead in a circle. */
  private void question() {
    int data = TRANSPORT + UDP_BYTES;
    frame.bytes().putShort(data, (short) random.nextInt()).putShort(data + 2, (short) 0x100);
    frame.bytes().putShort(data + 4, (short) 1).putShort(data + 6, (short) 0).putInt(data + 8, 0);
    frame.bytes().putShort(data + 12, (short) 0xc00e).putShort(data + 14, (short) 0xc00c);
    frame.bytes().putShort(data + 16, (short) 1).putShort(data + 18, (short) 1);
    datagram(DNS, anyPort(), DNS_PORT, 20);
  }

  private ByteBuffer begin(int protocol, int to, int identityAndPlace, int payloadBytes) {
    frame.setSegmentation(NetFrame.Segmentation.NONE, 0, false);
    ByteBuffer bytes = frame.bytes();
    bytes.clear().limit(Math.max(60, TRANSPORT + payloadBytes));
    HEADERS.put(bytes, protocol, to, identityAndPlace, payloadBytes);
    return bytes;
  }

  @Override
  public boolean receive(NetFrame arrived) {
    ByteBuffer bytes = arrived.bytes();
    boolean isTcp = bytes.getShort(12) == 0x800 && bytes.get(ETHERNET + 9) == TCP;
    if (isTcp && (bytes.get(TRANSPORT + 13) & (SYN | ACK)) == (SYN | ACK)) {
      opened.incrementAndGet();
    }
    return true;
  }

  @Override
  public int features() {
    return NetBackend.CHECKSUM;
  }

  @Override
  public byte[] macAddress() {
    return new byte[] {0x52, 0x54, 0, 0, 0, 2};
  }

  /** Ends the flood; the card stays. */
  @Override
  public void close() {
    isEnding = true;
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
