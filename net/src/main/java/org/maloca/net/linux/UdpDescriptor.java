package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.core.linux.OpenFlags;

/**
 * A UDP channel of the JDK, with the descriptor behind it, for what the JDK does not do with it.
 *
 * @param channel which does not block
 * @param number of the descriptor; below 0 where it is not known. It may be another's once the
 *     channel is closed
 */
record UdpDescriptor(DatagramChannel channel, int number) {
  private static final int UNKNOWN = -1;

  boolean isKnown() {
    return number >= 0;
  }

  /** Opens channels and finds their descriptors, on Linux. For one thread at a time. */
  static final class Finder {
    /** The JDK opens files of its own when it first opens a channel. */
    private static final int OPENINGS = 3;

    private static final int SOL_SOCKET = 1;
    private static final int SO_PROTOCOL = 38;
    private static final int IPPROTO_UDP = 17;

    private final Arena arena = Arena.ofAuto();
    private final Sockaddr name = new Sockaddr(arena);
    private final MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
    private final MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);

    /**
     * Opens one.
     *
     * @param isIpv6 by what its family is; one of IPv6 may be for both versions
     * @param from where it is to be bound; null for any free port
     */
    UdpDescriptor open(boolean isIpv6, @Nullable SocketAddress from) throws IOException {
      UdpDescriptor opened = openOnce(isIpv6, from);
      for (int i = 1; i < OPENINGS && !opened.isKnown() && LinuxCalls.areAvailable(); i++) {
        opened.channel.close();
        opened = openOnce(isIpv6, from);
      }
      return opened;
    }

    private UdpDescriptor openOnce(boolean isIpv6, @Nullable SocketAddress from)
        throws IOException {
      int expected = LinuxCalls.areAvailable() ? nextDescriptor() : UNKNOWN;
      DatagramChannel channel =
          DatagramChannel.open(isIpv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
      try {
        channel.configureBlocking(false);
        channel.bind(from);
        int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        boolean isIt = expected >= 0 && isUdpSocketOf(port, expected);
        return new UdpDescriptor(channel, isIt ? expected : UNKNOWN);
      } catch (IOException | RuntimeException failure) {
        channel.close();
        throw failure;
      }
    }

    /** The number that a descriptor gets which is opened now, unless another thread is quicker. */
    private static int nextDescriptor() {
      int lowest = LinuxCalls.eventfd(OpenFlags.O_CLOEXEC);
      if (lowest >= 0) {
        LinuxCalls.close(lowest);
      }
      return lowest;
    }

    /** Whether a descriptor is that of the UDP socket with a port, which was opened just now. */
    private boolean isUdpSocketOf(int port, int descriptor) {
      length.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
      int answered =
          LinuxSockets.getsockopt(
              descriptor, SOL_SOCKET, SO_PROTOCOL, number.address(), length.address());
      if (answered < 0 || number.get(ValueLayout.JAVA_INT, 0) != IPPROTO_UDP) {
        return false;
      }
      length.set(ValueLayout.JAVA_INT, 0, Sockaddr.BYTES);
      return LinuxSockets.getsockname(descriptor, name.address(), length.address()) >= 0
          && name.port() == port;
    }
  }
}
