package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.core.linux.OpenFlags;

/**
 * What is said by ICMP of datagrams that UDP sockets sent: that nobody listens on a port, that no
 * way leads on, or that a link is too narrow. The JDK hears nothing of it for a socket with many
 * peers; Linux queues it for who knows the socket's descriptor ({@code ip(7)}, {@code IP_RECVERR}).
 * Elsewhere nothing is ever said. Guarded by the network's lock.
 */
public final class DatagramErrors {
  private static final int UNKNOWN = -1;

  /** What is quoted of a datagram does not matter. */
  private static final int QUOTE_BYTES = 64;

  private static final int SOCKADDR_BYTES = 28;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PROTOCOL = 38;
  private static final int IPPROTO_UDP = 17;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment name = arena.allocate(SOCKADDR_BYTES, 8);
  private final MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
  private final MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);
  private final ReceivedMessage error = new ReceivedMessage(QUOTE_BYTES);

  /**
   * A UDP socket with a port of its own, which does not block.
   *
   * @param descriptor below 0 where it cannot be asked for errors
   */
  public record Socket(DatagramChannel channel, int descriptor) {}

  /** Opens a socket for one IP version. */
  public Socket open(boolean isIpv6) throws IOException {
    int expected = LinuxCalls.areAvailable() ? nextDescriptor() : UNKNOWN;
    DatagramChannel channel =
        DatagramChannel.open(isIpv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    try {
      channel.configureBlocking(false);
      channel.bind(null);
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      if (expected < 0 || !isUdpSocketOf(port, expected)) {
        return new Socket(channel, UNKNOWN);
      }
      ReceivedMessage.reportErrors(expected, isIpv6);
      return new Socket(channel, expected);
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

  /** Whether a descriptor is that of the UDP socket with a port, which no other one has. */
  private boolean isUdpSocketOf(int port, int descriptor) {
    length.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
    int answered =
        LinuxSockets.getsockopt(
            descriptor, SOL_SOCKET, SO_PROTOCOL, number.address(), length.address());
    if (answered < 0 || number.get(ValueLayout.JAVA_INT, 0) != IPPROTO_UDP) {
      return false;
    }
    length.set(ValueLayout.JAVA_INT, 0, SOCKADDR_BYTES);
    return LinuxSockets.getsockname(descriptor, name.address(), length.address()) >= 0
        && (name.asByteBuffer().getShort(2) & 0xffff) == port;
  }

  /** Takes the next error of a socket that is open; false if there is none now. */
  public boolean next(Socket socket) {
    if (socket.descriptor < 0) {
      return false;
    }
    while (error.receive(socket.descriptor, LinuxSockets.MSG_ERRQUEUE) >= 0) {
      if (error.parseError()) {
        return true;
      }
    }
    return false;
  }

  /** Whom the datagram was for, with {@link #peerLow} and {@link #peerPort}. */
  public long peerHigh() {
    return error.nameHigh();
  }

  public long peerLow() {
    return error.nameLow();
  }

  public int peerPort() {
    return error.namePort();
  }

  /** The ICMP message's type and code. */
  public int typeAndCode() {
    return error.typeAndCode();
  }

  /** What a link takes that the datagram was too large for; else 0. */
  public int mtuBytes() {
    return error.mtuBytes();
  }

  /** The address of who said so, with {@link #reporterLow}. */
  public long reporterHigh() {
    return error.reporterHigh();
  }

  public long reporterLow() {
    return error.reporterLow();
  }
}
