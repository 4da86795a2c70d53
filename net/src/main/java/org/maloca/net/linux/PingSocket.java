package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.maloca.core.defect.DefectLog;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.net.icmp.EchoSocket;

/**
 * Linux's ICMP socket for everybody ({@code icmp(7)}): a datagram is an echo request, and errors on
 * the way come by the socket's error queue ({@code ip(7)}, {@code IP_RECVERR}). The administrator
 * says which groups may have one, by {@code net.ipv4.ping_group_range}.
 */
public final class PingSocket implements EchoSocket {
  private static final int MESSAGE_BYTES = 65_536;
  private static final int CLOSED = -Errno.EBADF;

  private static final int SOL_IP = 0;
  private static final int IP_TTL = 2;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_UNICAST_HOPS = 16;

  private final DefectLog defects = new DefectLog(System.getLogger(PingSocket.class.getName()));
  private final boolean isIpv6;
  private final Listener listener;
  private final PolledDescriptor descriptor;
  private final Arena arena = Arena.ofAuto();
  private final Sockaddr target = new Sockaddr(arena);
  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final long requestAddress = MemorySegment.ofBuffer(request).address();
  private final ReceivedMessage heard = new ReceivedMessage(MESSAGE_BYTES);
  private final MemorySegment option = arena.allocate(4, 4);
  private int hopLimit = -1;

  private PingSocket(boolean isIpv6, Listener listener, int socket) throws IOException {
    this.isIpv6 = isIpv6;
    this.listener = listener;
    descriptor = new PolledDescriptor(socket);
    Thread.ofPlatform().daemon().name("net-ping" + (isIpv6 ? 6 : 4)).start(this::listen);
  }

  /**
   * Opens one.
   *
   * @throws IOException if we may not have one, or the host is no Linux
   */
  public static PingSocket open(boolean isIpv6, Listener listener) throws IOException {
    if (!LinuxCalls.areAvailable()) {
      throw new IOException("ICMP sockets are for Linux hosts");
    }
    int type = LinuxSockets.SOCK_DGRAM | LinuxSockets.SOCK_NONBLOCK | LinuxSockets.SOCK_CLOEXEC;
    int socket =
        isIpv6
            ? LinuxSockets.socket(LinuxSockets.AF_INET6, type, LinuxSockets.IPPROTO_ICMPV6)
            : LinuxSockets.socket(LinuxSockets.AF_INET, type, LinuxSockets.IPPROTO_ICMP);
    if (socket == -Errno.EACCES) {
      throw new IOException("no group of this user's is in net.ipv4.ping_group_range");
    } else if (socket < 0) {
      throw new IOException("the host gives no ICMP socket: " + Errno.describe(-socket));
    }
    ReceivedMessage.set(
        socket,
        isIpv6 ? ReceivedMessage.SOL_IPV6 : ReceivedMessage.SOL_IP,
        isIpv6 ? ReceivedMessage.IPV6_RECVERR : ReceivedMessage.IP_RECVERR);
    return new PingSocket(isIpv6, listener, socket);
  }

  private void set(int level, int name, int value) {
    option.set(ValueLayout.JAVA_INT, 0, value);
    descriptor.call(
        fd -> LinuxSockets.setsockopt(fd, level, name, option.address(), Integer.BYTES), CLOSED);
  }

  @Override
  public boolean send(ByteBuffer echo, long high, long low, int hops) {
    if (hops != hopLimit) {
      hopLimit = hops;
      set(isIpv6 ? SOL_IPV6 : SOL_IP, isIpv6 ? IPV6_UNICAST_HOPS : IP_TTL, hops);
    }
    request.clear().put(0, echo, echo.position(), echo.remaining()).limit(echo.remaining());
    target.set(high, low, 0);
    boolean isSent = sendOnce();
    if (!isSent) {
      // The first try tells, and forgets, an error that is left over from another request.
      isSent = sendOnce();
    }
    return isSent;
  }

  private boolean sendOnce() {
    int sent =
        descriptor.call(
            fd ->
                (int)
                    LinuxSockets.sendto(
                        fd,
                        requestAddress,
                        request.limit(),
                        0,
                        target.address(),
                        target.sizeBytes()),
            CLOSED);
    // A full socket loses it, as a full link would.
    return sent >= 0 || sent == -Errno.EAGAIN;
  }

  private void listen() {
    while (descriptor.awaitReadable()) {
      try {
        hear();
      } catch (RuntimeException | Error defect) {
        // The message has been taken from the socket; the next one is another.
        defects.tell("an answer to a ping was dropped", defect);
      }
    }
  }

  private void hear() {
    while (receive(LinuxSockets.MSG_ERRQUEUE) >= 0) {
      if (heard.parseError()) {
        listener.failed(
            heard.typeAndCode(),
            heard.mtuBytes(),
            heard.reporterHigh(),
            heard.reporterLow(),
            heard.data());
      }
    }
    if (receive(0) > 0) {
      listener.replied(heard.data(), heard.nameHigh(), heard.nameLow());
    }
  }

  private int receive(int flags) {
    return descriptor.call(fd -> heard.receive(fd, flags), CLOSED);
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
