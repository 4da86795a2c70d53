package org.maloca.machine.config;

import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.net.NetworkMode;
import org.maloca.net.host.PortForward;

/** What the cable of a network card leads to. */
public sealed interface NetCable {
  /**
   * Whether machines that we know nothing of may be on it, which may have the usual address too.
   */
  default boolean isShared() {
    return !(this instanceof UserMode own) || own.network() != null || own.listen() != null;
  }

  /**
   * A user-mode network in this process.
   *
   * @param mode what its machines reach
   * @param network its name, by which other cards join it; null for one of its own
   * @param listen where others can join it by a stream socket, or null
   * @param isLoopbackOpen whether the gateway's address leads to the host's loopback
   * @param egressRules file of rules for what the machine may reach, or null for no rules
   * @param isAllowedByDefault whether what no rule speaks of is allowed
   * @param forwards ports of the host that lead to the machine
   */
  record UserMode(
      NetworkMode mode,
      @Nullable String network,
      @Nullable SocketAddress listen,
      boolean isLoopbackOpen,
      @Nullable Path egressRules,
      boolean isAllowedByDefault,
      List<PortForward> forwards)
      implements NetCable {
    public UserMode {
      forwards = List.copyOf(forwards);
    }
  }

  /**
   * A stream socket with a peer at its other end, in the format of QEMU's {@code -netdev stream}.
   *
   * @param address of TCP or a Unix socket
   * @param isListening whether we wait there for the peer, else we connect to it
   * @param reconnectMillis from one attempt to the next
   */
  record Stream(SocketAddress address, boolean isListening, long reconnectMillis)
      implements NetCable {}

  /**
   * A pair of datagram sockets, in the format of QEMU's {@code -netdev dgram}.
   *
   * @param local where frames come, by UDP or on a path
   * @param remote where they go, of the same kind
   */
  record Datagram(SocketAddress local, SocketAddress remote) implements NetCable {}

  /**
   * A TAP interface of a Linux host.
   *
   * @param interfaceName as in {@code tap0}
   */
  record Tap(String interfaceName) implements NetCable {}
}
