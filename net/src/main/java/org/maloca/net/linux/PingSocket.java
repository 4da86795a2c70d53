package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.net.icmp.EchoSocket;
import org.maloca.net.ip.IpBits;

/**
 * Linux's ICMP socket for everybody ({@code icmp(7)}): a datagram is an echo request, and errors on
 * the way come by the socket's error queue ({@code ip(7)}, {@code IP_RECVERR}). The administrator
 * says which groups may have one, by {@code net.ipv4.ping_group_range}.
 */
public final class PingSocket implements EchoSocket {
  private static final int ADDRESS_BYTES = 28;
  private static final int MESSAGE_BYTES = 65_536;
  private static final int CONTROL_BYTES = 512;
  private static final int CLOSED = -Errno.EBADF;

  // struct msghdr and struct cmsghdr.
  private static final int MSGHDR_BYTES = 56;
  private static final int MSG_NAMELEN = 8;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;
  private static final int CMSG_DATA = 16;

  // struct sock_extended_err, and the address of who reports behind it.
  private static final int EE_ORIGIN = 4;
  private static final int EE_TYPE = 5;
  private static final int EE_CODE = 6;
  private static final int EE_INFO = 8;
  private static final int EE_BYTES = 16;
  private static final int ORIGIN_ICMP = 2;
  private static final int ORIGIN_ICMP6 = 3;

  private static final int SOL_IP = 0;
  private static final int IP_TTL = 2;
  private static final int IP_RECVERR = 11;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_UNICAST_HOPS = 16;
  private static final int IPV6_RECVERR = 25;

  // ICMP of either version: a packet was too large for a link.
  private static final int TOO_BIG4 = 3 << 8 | 4;
  private static final int TOO_BIG6 = 2 << 8;

  private final boolean isIpv6;
  private final Listener listener;
  private final PolledDescriptor descriptor;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment target = arena.allocate(ADDRESS_BYTES, 8);
  private final ByteBuffer request = ByteBuffer.allocateDirect(MESSAGE_BYTES);
  private final long requestAddress = MemorySegment.ofBuffer(request).address();
  private final MemorySegment source = arena.allocate(ADDRESS_BYTES, 8);
  private final MemorySegment message = arena.allocate(MESSAGE_BYTES, 8);
  private final ByteBuffer heard = message.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
  private final MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
  private final MemorySegment piece = arena.allocate(LinuxCalls.IOVEC_BYTES, 8);
  private final MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);
  private final MemorySegment option = arena.allocate(4, 4);
  private int hopLimit = -1;

  private PingSocket(boolean isIpv6, Listener listener, int socket) throws IOException {
    this.isIpv6 = isIpv6;
    this.listener = listener;
    descriptor = new PolledDescriptor(socket);
    piece.set(ValueLayout.JAVA_LONG, 0, message.address());
    piece.set(ValueLayout.JAVA_LONG, 8, MESSAGE_BYTES);
    header.set(ValueLayout.JAVA_LONG, 0, source.address());
    header.set(ValueLayout.JAVA_LONG, MSG_IOV, piece.address());
    header.set(ValueLayout.JAVA_LONG, MSG_IOVLEN, 1);
    header.set(ValueLayout.JAVA_LONG, MSG_CONTROL, control.address());
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
      throw new IOException("the host gives no ICMP socket: error " + -socket);
    }
    PingSocket opened = new PingSocket(isIpv6, listener, socket);
    opened.set(isIpv6 ? SOL_IPV6 : SOL_IP, isIpv6 ? IPV6_RECVERR : IP_RECVERR, 1);
    return opened;
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
    setTarget(high, low);
    boolean isSent = sendOnce();
    if (!isSent) {
      // The first try tells, and forgets, an error that is left over from another request.
      isSent = sendOnce();
    }
    return isSent;
  }

  private void setTarget(long high, long low) {
    ByteBuffer address = target.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
    target.set(
        ValueLayout.JAVA_SHORT, 0, (short) (isIpv6 ? LinuxSockets.AF_INET6 : LinuxSockets.AF_INET));
    if (isIpv6) {
      address.putLong(8, high).putLong(16, low);
    } else {
      address.putInt(4, (int) low);
    }
  }

  private boolean sendOnce() {
    int sent =
        descriptor.call(
            fd ->
                (int)
                    LinuxSockets.sendto(
                        fd, requestAddress, request.limit(), 0, target.address(), ADDRESS_BYTES),
            CLOSED);
    // A full socket loses it, as a full link would.
    return sent >= 0 || sent == -Errno.EAGAIN;
  }

  private void listen() {
    while (descriptor.awaitReadable()) {
      int count = receive(LinuxSockets.MSG_ERRQUEUE);
      while (count >= 0) {
        tellError();
        count = receive(LinuxSockets.MSG_ERRQUEUE);
      }
      count = receive(0);
      if (count > 0) {
        listener.replied(heard, high(source, 0), low(source, 0));
      }
    }
  }

  private int receive(int flags) {
    header.set(ValueLayout.JAVA_INT, MSG_NAMELEN, ADDRESS_BYTES);
    header.set(ValueLayout.JAVA_LONG, MSG_CONTROLLEN, CONTROL_BYTES);
    int count =
        descriptor.call(
            fd ->
                (int) LinuxSockets.recvmsg(fd, header.address(), flags | LinuxSockets.MSG_DONTWAIT),
            CLOSED);
    heard.position(0).limit(Math.max(count, 0));
    return count;
  }

  private void tellError() {
    long end = header.get(ValueLayout.JAVA_LONG, MSG_CONTROLLEN);
    long at = 0;
    while (at + CMSG_DATA <= end) {
      long length = control.get(ValueLayout.JAVA_LONG, at);
      int level = control.get(ValueLayout.JAVA_INT, at + CMSG_LEVEL);
      int type = control.get(ValueLayout.JAVA_INT, at + CMSG_TYPE);
      boolean isError =
          level == SOL_IP && type == IP_RECVERR || level == SOL_IPV6 && type == IPV6_RECVERR;
      if (isError && length >= CMSG_DATA + EE_BYTES + ADDRESS_BYTES - 12) {
        tellError(at + CMSG_DATA);
      }
      at += Math.max(CMSG_DATA, length + 7 & -8L);
    }
  }

  private void tellError(long at) {
    int origin = control.get(ValueLayout.JAVA_BYTE, at + EE_ORIGIN);
    if (origin != ORIGIN_ICMP && origin != ORIGIN_ICMP6) {
      return;
    }
    int typeAndCode =
        (control.get(ValueLayout.JAVA_BYTE, at + EE_TYPE) & 0xff) << 8
            | control.get(ValueLayout.JAVA_BYTE, at + EE_CODE) & 0xff;
    boolean isTooBig = typeAndCode == (isIpv6 ? TOO_BIG6 : TOO_BIG4);
    int mtuBytes = isTooBig ? control.get(ValueLayout.JAVA_INT, at + EE_INFO) : 0;
    long reporter = at + EE_BYTES;
    listener.failed(typeAndCode, mtuBytes, high(control, reporter), low(control, reporter), heard);
  }

  private static long high(MemorySegment from, long at) {
    return isIpv6(from, at) ? from.asByteBuffer().getLong((int) at + 8) : 0;
  }

  private static long low(MemorySegment from, long at) {
    ByteBuffer bytes = from.asByteBuffer();
    return isIpv6(from, at)
        ? bytes.getLong((int) at + 16)
        : IpBits.lowOfIpv4(bytes.getInt((int) at + 4));
  }

  private static boolean isIpv6(MemorySegment from, long at) {
    return from.get(ValueLayout.JAVA_SHORT, at) == LinuxSockets.AF_INET6;
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
