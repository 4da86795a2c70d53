package org.maloca.net.linux;

import static org.maloca.net.linux.MessageLayout.CMSG_DATA;
import static org.maloca.net.linux.MessageLayout.CMSG_LEVEL;
import static org.maloca.net.linux.MessageLayout.CMSG_TYPE;
import static org.maloca.net.linux.MessageLayout.IPI_SPEC_DST;
import static org.maloca.net.linux.MessageLayout.MSGHDR_BYTES;
import static org.maloca.net.linux.MessageLayout.MSG_CONTROL;
import static org.maloca.net.linux.MessageLayout.MSG_CONTROLLEN;
import static org.maloca.net.linux.MessageLayout.MSG_IOV;
import static org.maloca.net.linux.MessageLayout.MSG_IOVLEN;
import static org.maloca.net.linux.MessageLayout.MSG_NAMELEN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxSockets;
import org.maloca.net.ip.IpBits;

/**
 * What {@code recvmsg(2)} gave: a datagram, or one of the socket's queue of errors ({@code ip(7)},
 * {@code IP_RECVERR}) with what an ICMP message said of it. Used for one after the other; for one
 * thread at a time.
 */
final class ReceivedMessage {
  private static final int CONTROL_BYTES = 512;

  // struct sock_extended_err, and the address of who reports behind it.
  private static final int EE_ERRNO = 0;
  private static final int EE_ORIGIN = 4;
  private static final int EE_TYPE = 5;
  private static final int EE_CODE = 6;
  private static final int EE_INFO = 8;
  private static final int EE_BYTES = 16;
  private static final int ORIGIN_LOCAL = 1;
  private static final int ORIGIN_ICMP = 2;
  private static final int ORIGIN_ICMP6 = 3;

  static final int SOL_IP = 0;
  static final int IP_PKTINFO = 8;
  static final int IP_RECVERR = 11;
  static final int SOL_IPV6 = 41;
  static final int IPV6_RECVERR = 25;
  static final int IPV6_RECVPKTINFO = 49;
  static final int IPV6_PKTINFO = 50;

  // struct in_pktinfo: the address to answer from.

  // ICMP of either version: a packet was too large for a link.
  private static final int TOO_BIG4 = 3 << 8 | 4;
  private static final int TOO_BIG6 = 2 << 8;

  private final Arena arena = Arena.ofAuto();
  private final Sockaddr name = new Sockaddr(arena);
  private final MemorySegment message;
  private final ByteBuffer data;
  private final MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
  private final ByteBuffer controlBytes = control.asByteBuffer();
  private final MemorySegment piece = arena.allocate(LinuxCalls.IOVEC_BYTES, 8);
  private final MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);
  private long localHigh;
  private long localLow;
  private boolean isOfHost;
  private int typeAndCode;
  private int mtuBytes;
  private long reporterHigh;
  private long reporterLow;

  /** Makes room for messages of up to a size; what is longer is cut. */
  ReceivedMessage(int sizeBytes) {
    message = arena.allocate(sizeBytes, 8);
    data = message.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
    piece.set(ValueLayout.JAVA_LONG, 0, message.address());
    piece.set(ValueLayout.JAVA_LONG, 8, sizeBytes);
    header.set(ValueLayout.JAVA_LONG, 0, name.address());
    header.set(ValueLayout.JAVA_LONG, MSG_IOV, piece.address());
    header.set(ValueLayout.JAVA_LONG, MSG_IOVLEN, 1);
    header.set(ValueLayout.JAVA_LONG, MSG_CONTROL, control.address());
  }

  /** Has a socket add something to its messages: one of the options above. */
  static void set(int socket, int level, int option) {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment one = own.allocateFrom(ValueLayout.JAVA_INT, 1);
      LinuxSockets.setsockopt(socket, level, option, one.address(), Integer.BYTES);
    }
  }

  /** Takes the next one, without waiting; its size, or what went wrong, below 0. */
  int receive(int socket, int flags) {
    header.set(ValueLayout.JAVA_INT, MSG_NAMELEN, Sockaddr.BYTES);
    header.set(ValueLayout.JAVA_LONG, MSG_CONTROLLEN, CONTROL_BYTES);
    int count =
        (int) LinuxSockets.recvmsg(socket, header.address(), flags | LinuxSockets.MSG_DONTWAIT);
    data.position(0).limit(Math.max(count, 0));
    return count;
  }

  /** Its bytes. */
  ByteBuffer data() {
    return data;
  }

  /** Who sent a datagram; whom one was for that an error is about. */
  long nameHigh() {
    return name.high();
  }

  long nameLow() {
    return name.low();
  }

  int namePort() {
    return name.port();
  }

  /**
   * Whether it says which of the host's addresses a datagram was for; reads it, for {@link
   * #localHigh}. What it says with IPv4's own option is better: an address to answer from also
   * where the datagram was for all hosts.
   */
  boolean parseDestination() {
    long end = header.get(ValueLayout.JAVA_LONG, MSG_CONTROLLEN);
    long at = 0;
    boolean isKnown = false;
    while (at + CMSG_DATA <= end) {
      long length = control.get(ValueLayout.JAVA_LONG, at);
      int level = control.get(ValueLayout.JAVA_INT, at + CMSG_LEVEL);
      int type = control.get(ValueLayout.JAVA_INT, at + CMSG_TYPE);
      int data = (int) at + CMSG_DATA;
      if (level == SOL_IP && type == IP_PKTINFO) {
        localHigh = 0;
        localLow = IpBits.lowOfIpv4(controlBytes.getInt(data + IPI_SPEC_DST));
        return true;
      } else if (level == SOL_IPV6 && type == IPV6_PKTINFO) {
        localHigh = controlBytes.getLong(data);
        localLow = controlBytes.getLong(data + Long.BYTES);
        isKnown = true;
      }
      at += Math.max(CMSG_DATA, length + 7 & -8L);
    }
    return isKnown;
  }

  /** Which of the host's addresses a datagram was for, with {@link #localLow}. */
  long localHigh() {
    return localHigh;
  }

  long localLow() {
    return localLow;
  }

  /** The number of the interface by which a link-local peer is to be reached; else 0. */
  int nameScope() {
    return name.scope();
  }

  /**
   * Whether it is an error that somebody reported by ICMP, or the host's own word that a datagram
   * is too large for a link; reads what they said.
   */
  boolean parseError() {
    long end = header.get(ValueLayout.JAVA_LONG, MSG_CONTROLLEN);
    long at = 0;
    while (at + CMSG_DATA <= end) {
      long length = control.get(ValueLayout.JAVA_LONG, at);
      int level = control.get(ValueLayout.JAVA_INT, at + CMSG_LEVEL);
      int type = control.get(ValueLayout.JAVA_INT, at + CMSG_TYPE);
      boolean isError =
          level == SOL_IP && type == IP_RECVERR || level == SOL_IPV6 && type == IPV6_RECVERR;
      if (isError && length >= CMSG_DATA + EE_BYTES + Sockaddr.IPV4_BYTES) {
        return parseError(at + CMSG_DATA);
      }
      at += Math.max(CMSG_DATA, length + 7 & -8L);
    }
    return false;
  }

  private boolean parseError(long at) {
    int origin = control.get(ValueLayout.JAVA_BYTE, at + EE_ORIGIN);
    isOfHost =
        origin == ORIGIN_LOCAL
            && control.get(ValueLayout.JAVA_INT, at + EE_ERRNO) == Errno.EMSGSIZE;
    if (isOfHost) {
      typeAndCode = IpBits.isIpv4(name.high(), name.low()) ? TOO_BIG4 : TOO_BIG6;
      mtuBytes = control.get(ValueLayout.JAVA_INT, at + EE_INFO);
      reporterHigh = 0;
      reporterLow = 0;
      return true;
    }
    if (origin != ORIGIN_ICMP && origin != ORIGIN_ICMP6) {
      return false;
    }
    typeAndCode =
        (control.get(ValueLayout.JAVA_BYTE, at + EE_TYPE) & 0xff) << 8
            | control.get(ValueLayout.JAVA_BYTE, at + EE_CODE) & 0xff;
    boolean isTooBig = typeAndCode == (origin == ORIGIN_ICMP6 ? TOO_BIG6 : TOO_BIG4);
    mtuBytes = isTooBig ? control.get(ValueLayout.JAVA_INT, at + EE_INFO) : 0;
    reporterHigh = Sockaddr.high(controlBytes, (int) at + EE_BYTES);
    reporterLow = Sockaddr.low(controlBytes, (int) at + EE_BYTES);
    return true;
  }

  /** Whether it is the host itself that says so. */
  boolean isOfHost() {
    return isOfHost;
  }

  /** An error's ICMP type and code. */
  int typeAndCode() {
    return typeAndCode;
  }

  /** What a link takes that the packet was too large for; else 0. */
  int mtuBytes() {
    return mtuBytes;
  }

  /** The address of who reported the error, with {@link #reporterLow}; 0 for the host. */
  long reporterHigh() {
    return reporterHigh;
  }

  long reporterLow() {
    return reporterLow;
  }
}
