package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.net.frame.DeliveringBackend;
import org.maloca.net.frame.FrameSegmenter;

/**
 * A cable that is a pair of Unix datagram sockets, in the format of QEMU's {@code -netdev
 * dgram,local.type=unix}: a frame is a datagram. Of Linux hosts, since the JDK has no such sockets.
 */
public final class UnixDatagramBackend extends DeliveringBackend {
  private static final int ADDRESS_BYTES = 110;
  private static final int PATH = 2;
  private static final int CLOSED = -Errno.ENOENT;

  private final Path local;
  private final PolledDescriptor descriptor;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment remoteAddress;
  private final MemorySegment inPiece = arena.allocate(16, 8);
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread reader;

  private UnixDatagramBackend(Path local, Path remote, PolledDescriptor descriptor, String name)
      throws IOException {
    this.local = local;
    this.descriptor = descriptor;
    remoteAddress = address(arena, remote);
    reader = Thread.ofPlatform().daemon().name(name + "-dgram").unstarted(this::read);
  }

  /**
   * Opens the local socket, in the place of one that somebody left there.
   *
   * @param remote where frames go; need not be there yet
   * @param name for threads
   * @throws IOException if the path cannot be had, or the host is no Linux
   */
  public static UnixDatagramBackend open(Path local, Path remote, String name) throws IOException {
    if (!LinuxCalls.areAvailable()) {
      throw new IOException("datagram sockets with a path are for Linux hosts");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment own = address(arena, local);
      int type = LinuxSockets.SOCK_DGRAM | LinuxSockets.SOCK_NONBLOCK | LinuxSockets.SOCK_CLOEXEC;
      int socket = LinuxSockets.socket(LinuxSockets.AF_UNIX, type, 0);
      if (socket < 0) {
        throw new IOException("no socket: error " + -socket);
      }
      removeStale(local);
      int bound = LinuxSockets.bind(socket, own.address(), ADDRESS_BYTES);
      if (bound < 0) {
        LinuxCalls.close(socket);
        String why = -bound == Errno.EADDRINUSE ? "it exists" : "error " + -bound;
        throw new IOException("%s cannot be a socket: %s".formatted(local, why));
      }
      return new UnixDatagramBackend(local, remote, new PolledDescriptor(socket), name);
    }
  }

  private static void removeStale(Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther()) {
      Files.delete(path);
    }
  }

  private static MemorySegment address(Arena arena, Path path) throws IOException {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > ADDRESS_BYTES - PATH - 1) {
      throw new IOException("a socket's path has at most 107 bytes: " + path);
    }
    MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) LinuxSockets.AF_UNIX);
    MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH, bytes.length);
    return address;
  }

  /** How many frames found nobody, or no room. */
  public long dropped() {
    return dropped.get();
  }

  @Override
  public void connect(Port port) {
    delivery().connect(port);
    reader.start();
  }

  @Override
  public void transmit(NetFrame frame) {
    synchronized (segmenter) {
      segmenter.segment(frame, this::send);
    }
  }

  private void send(ByteBuffer bytes) {
    MemorySegment frame = MemorySegment.ofBuffer(bytes);
    int length = bytes.remaining();
    long to = remoteAddress.address();
    int sent =
        descriptor.call(
            fd -> (int) LinuxSockets.sendto(fd, frame.address(), length, 0, to, ADDRESS_BYTES),
            CLOSED);
    if (sent < 0) {
      dropped.incrementAndGet();
    }
  }

  private void read() {
    NetFrame frame = new NetFrame();
    inPiece.set(ValueLayout.JAVA_LONG, 0, frame.hostAddress());
    inPiece.set(ValueLayout.JAVA_LONG, 8, NetFrame.MAX_BYTES);
    try {
      while (descriptor.awaitReadable()) {
        frame.clear();
        int count = descriptor.call(fd -> (int) LinuxCalls.readv(fd, inPiece.address(), 1), CLOSED);
        if (count > 0) {
          frame.bytes().limit(count);
          if (!delivery().deliver(frame)) {
            return;
          }
        }
      }
    } catch (InterruptedException closing) {
      // The cable is pulled.
    }
  }

  @Override
  public void close() {
    delivery().close();
    reader.interrupt();
    descriptor.close();
    try {
      Files.deleteIfExists(local);
    } catch (IOException alreadyGone) {
      // Nothing that anybody could do about it.
    }
  }
}
