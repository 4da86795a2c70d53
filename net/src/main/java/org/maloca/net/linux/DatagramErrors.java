package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.DatagramChannel;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxSockets;

/**
 * What is said by ICMP of datagrams that UDP sockets sent: that nobody listens on a port, that no
 * way leads on, or that a link is too narrow. The JDK hears nothing of it for a socket with many
 * peers; Linux queues it for who knows the socket's descriptor ({@code ip(7)}, {@code IP_RECVERR}).
 * Elsewhere nothing is ever said. Guarded by the network's lock.
 *
 * <p>Such a socket tells of an error also by not sending the next datagram, whomever that is for,
 * which the JDK takes for sent. So what goes out by it is sent here.
 */
public final class DatagramErrors {
  private static final int UNKNOWN = -1;

  /** How many errors of others may come between the tries to send a datagram. */
  private static final int SENDINGS = 4;

  /** One that says "too large" may be of another datagram, two are of this one. */
  private static final int TOO_LARGE = 2;

  /** What is quoted of a datagram does not matter. */
  private static final int QUOTE_BYTES = 64;

  // Path MTU discovery: ip(7), ipv6(7).
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IPV6_MTU_DISCOVER = 23;
  private static final int PMTUDISC_DONT = 0;
  private static final int PMTUDISC_DO = 2;

  private final Arena arena = Arena.ofAuto();
  private final Sockaddr target = new Sockaddr(arena);
  private final MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
  private final UdpDescriptor.Finder descriptors = new UdpDescriptor.Finder();
  private final ReceivedMessage error = new ReceivedMessage(QUOTE_BYTES);

  /** A UDP socket with a port of its own, which does not block. */
  public static final class Socket {
    private final DatagramChannel channel;
    private final boolean isIpv6;
    private final int descriptor;
    private int discovery = UNKNOWN;

    private Socket(DatagramChannel channel, boolean isIpv6, int descriptor) {
      this.channel = channel;
      this.isIpv6 = isIpv6;
      this.descriptor = descriptor;
    }

    public DatagramChannel channel() {
      return channel;
    }

    /** Whether it can be asked for errors, and is to be sent by from here. */
    public boolean isAsked() {
      return descriptor >= 0;
    }
  }

  /** Opens a socket for one IP version. */
  public Socket open(boolean isIpv6) throws IOException {
    UdpDescriptor opened = descriptors.open(isIpv6, null);
    if (opened.isKnown()) {
      ReceivedMessage.set(
          opened.number(),
          isIpv6 ? ReceivedMessage.SOL_IPV6 : ReceivedMessage.SOL_IP,
          isIpv6 ? ReceivedMessage.IPV6_RECVERR : ReceivedMessage.IP_RECVERR);
    }
    return new Socket(opened.channel(), isIpv6, opened.number());
  }

  /**
   * Sends a datagram by a socket that can be asked for errors.
   *
   * @param isDontFragment whether it may not be cut up, here or by routers
   * @param address where its data lie in memory
   * @param high whom it is for, with {@code low} and {@code port}; of the socket's IP version
   * @return false if it is too large for the way as the host knows it, and may not be cut up: the
   *     next errors have what that takes
   * @throws IOException if the host has no way for it
   */
  public boolean send(
      Socket socket,
      boolean isDontFragment,
      long address,
      int length,
      long high,
      long low,
      int port)
      throws IOException {
    discover(socket, isDontFragment ? PMTUDISC_DO : PMTUDISC_DONT);
    target.set(high, low, port);
    long sent = -1;
    int tooLarge = 0;
    for (int i = 0; i < SENDINGS && sent < 0; i++) {
      sent =
          LinuxSockets.sendto(
              socket.descriptor,
              address,
              length,
              LinuxSockets.MSG_DONTWAIT,
              target.address(),
              target.sizeBytes());
      if (sent == -Errno.EMSGSIZE) {
        tooLarge++;
      }
      if (tooLarge == TOO_LARGE) {
        return false;
      }
      if (sent == -Errno.EAGAIN) {
        // A full socket loses it, as a full link would.
        return true;
      }
    }
    if (sent == -Errno.EHOSTUNREACH) {
      throw new NoRouteToHostException("the host is not to be reached");
    } else if (sent < 0) {
      throw new SocketException("the host does not send it: " + Errno.describe((int) -sent));
    }
    return true;
  }

  private void discover(Socket socket, int discovery) {
    if (socket.discovery != discovery) {
      socket.discovery = discovery;
      number.set(ValueLayout.JAVA_INT, 0, discovery);
      LinuxSockets.setsockopt(
          socket.descriptor,
          socket.isIpv6 ? ReceivedMessage.SOL_IPV6 : ReceivedMessage.SOL_IP,
          socket.isIpv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
          number.address(),
          Integer.BYTES);
    }
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

  /**
   * Whether the error is the host's own word that a datagram was too large to be sent; which port
   * that was for is not known then.
   */
  public boolean isOfHost() {
    return error.isOfHost();
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

  /** The address of who said so, with {@link #reporterLow}; 0 if it is the host. */
  public long reporterHigh() {
    return error.reporterHigh();
  }

  public long reporterLow() {
    return error.reporterLow();
  }
}
