package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.OpenFlags;
import org.maloca.net.frame.DeliveringBackend;

/**
 * A cable that is a TAP interface of a Linux host (Documentation/networking/tuntap.rst), for who
 * may use one: root, or the user that it was made for. Checksums and segmentation are left to
 * whoever comes last, by {@code IFF_VNET_HDR}. Thread-safe.
 */
public final class TapBackend extends DeliveringBackend {
  private static final String DEVICE = "/dev/net/tun";
  private static final Path INTERFACES = Path.of("/sys/class/net");
  private static final int MAX_NAME_BYTES = 15;
  private static final int ETHERNET_MTU = 1500;

  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNSETOFFLOAD = 0x400454d0L;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final int IFF_TAP = 0x0002;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;
  private static final int TUN_F_CSUM = 1;
  private static final int TUN_F_TSO4 = 2;
  private static final int TUN_F_TSO6 = 4;
  private static final int TUN_F_TSO_ECN = 8;

  private static final int PIECE_BYTES = 16;
  private static final int CLOSED = -Errno.ENOENT;

  private final String name;
  private final PolledDescriptor descriptor;
  private final AtomicLong dropped = new AtomicLong();
  private final Arena arena = Arena.ofAuto();
  private final Transfer out = new Transfer();
  private final Transfer in = new Transfer();
  private final Thread reader;
  private volatile @Nullable Port card;
  private int offloads = -1;

  /** A header and a frame as the kernel takes them. For one thread at a time. */
  private final class Transfer {
    private final MemorySegment headerBytes = arena.allocate(VnetHeader.BYTES, 8);
    private final MemorySegment pieces = arena.allocate(2 * PIECE_BYTES, 8);
    final VnetHeader header = new VnetHeader(headerBytes);

    Transfer() {
      put(0, headerBytes.address(), VnetHeader.BYTES);
    }

    /** The two pieces, with room for the frame or with what is in it. */
    long pieces(NetFrame frame, int frameBytes) {
      put(1, frame.hostAddress(), frameBytes);
      return pieces.address();
    }

    private void put(int index, long address, long length) {
      pieces.set(ValueLayout.JAVA_LONG, (long) index * PIECE_BYTES, address);
      pieces.set(ValueLayout.JAVA_LONG, (long) index * PIECE_BYTES + 8, length);
    }
  }

  private TapBackend(String name, PolledDescriptor descriptor) {
    this.name = name;
    this.descriptor = descriptor;
    reader = Thread.ofPlatform().daemon().name(name + "-in").unstarted(this::read);
  }

  /**
   * Opens an interface that exists and is ours, or makes one where that is allowed.
   *
   * @param name of the interface, as in {@code tap0}
   * @throws IOException that says what is missing
   */
  public static TapBackend open(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length == 0 || bytes.length > MAX_NAME_BYTES || name.contains("/")) {
      throw new IOException("'" + name + "' cannot be an interface's name");
    }
    if (!LinuxCalls.areAvailable()) {
      throw new IOException("TAP interfaces are for Linux hosts");
    }
    int flags = OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC;
    int opened = LinuxCalls.open(DEVICE, flags, 0);
    if (opened < 0) {
      throw new IOException(
          "%s cannot be opened (%s)%s".formatted(DEVICE, reason(opened), advice(opened, name)));
    }
    int result = attach(opened, name);
    if (result < 0) {
      LinuxCalls.close(opened);
      throw new IOException(
          "the interface %s cannot be had (%s)%s"
              .formatted(name, reason(result), advice(result, name)));
    }
    return new TapBackend(name, new PolledDescriptor(opened));
  }

  private static int attach(int descriptor, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
      MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
      request.set(
          ValueLayout.JAVA_SHORT, IFREQ_FLAGS, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
      return LinuxCalls.ioctl(descriptor, TUNSETIFF, request.address());
    }
  }

  private static String reason(int error) {
    return switch (-error) {
      case Errno.EPERM, Errno.EACCES -> "not permitted";
      case Errno.EBUSY -> "in use by another program";
      case Errno.EINVAL -> "it is of another kind, or has several queues";
      case Errno.ENOENT -> "the kernel has no tun module";
      default -> "error " + -error;
    };
  }

  private static String advice(int error, String name) {
    return -error == Errno.EPERM || -error == Errno.EACCES
        ? "; an administrator can make one for you: ip tuntap add dev %s mode tap user %s"
            .formatted(name, System.getProperty("user.name"))
        : "";
  }

  /** The largest packet that the interface takes now; that of Ethernet where it does not say. */
  public int mtuBytes() {
    try {
      return Integer.parseInt(
          Files.readString(INTERFACES.resolve(name).resolve("mtu")).strip(), 10);
    } catch (IOException | NumberFormatException unknown) {
      return ETHERNET_MTU;
    }
  }

  /** How many frames of the guest the host did not take. */
  public long dropped() {
    return dropped.get();
  }

  @Override
  public void connect(Port port) {
    card = port;
    delivery().connect(port);
    reader.start();
  }

  @Override
  public void transmit(NetFrame frame) {
    synchronized (out) {
      out.header.describe(frame);
      long pieces = out.pieces(frame, frame.bytes().limit());
      int written = descriptor.call(fd -> (int) LinuxCalls.writev(fd, pieces, 2), CLOSED);
      if (written < 0) {
        // Full, or the interface is down.
        dropped.incrementAndGet();
      }
    }
  }

  private void read() {
    NetFrame frame = new NetFrame();
    try {
      while (descriptor.awaitReadable()) {
        followFeatures();
        frame.clear();
        long pieces = in.pieces(frame, frame.bytes().capacity());
        int count = descriptor.call(fd -> (int) LinuxCalls.readv(fd, pieces, 2), CLOSED);
        if (count > VnetHeader.BYTES) {
          frame.bytes().limit(count - VnetHeader.BYTES);
          in.header.apply(frame);
          if (!delivery().deliver(frame)) {
            return;
          }
        } else if (count < 0 && count != -Errno.EAGAIN && count != -Errno.EINTR) {
          awaitInterface(count);
        }
      }
    } catch (InterruptedException closing) {
      // The cable is pulled.
    }
  }

  /**
   * The interface is down or gone for now: it is asked again every now and then. One that comes
   * back under its name is another to the kernel, and has to be attached to anew.
   */
  private void awaitInterface(int error) throws InterruptedException {
    Thread.sleep(200);
    if (error == -Errno.EBADFD && Files.exists(INTERFACES.resolve(name))) {
      descriptor.call(fd -> attach(fd, name), CLOSED);
      offloads = -1;
    }
  }

  /** Has the kernel leave to the guest what its driver takes. */
  private void followFeatures() {
    Port to = card;
    int features = to == null ? 0 : to.features();
    int wanted = (features & CHECKSUM) != 0 ? TUN_F_CSUM : 0;
    if (wanted != 0) {
      wanted |= (features & TCP_IPV4) != 0 ? TUN_F_TSO4 : 0;
      wanted |= (features & TCP_IPV6) != 0 ? TUN_F_TSO6 : 0;
      wanted |= wanted != TUN_F_CSUM ? TUN_F_TSO_ECN : 0;
    }
    if (wanted != offloads) {
      offloads = wanted;
      int argument = wanted;
      descriptor.call(fd -> LinuxCalls.ioctl(fd, TUNSETOFFLOAD, argument), CLOSED);
    }
  }

  @Override
  public void close() {
    delivery().close();
    reader.interrupt();
    descriptor.close();
  }

  @Override
  public String toString() {
    return "tap " + name;
  }
}
