package org.maloca.net.icmp;

import java.nio.ByteBuffer;
import org.maloca.net.ip.IpBits;
import org.maloca.net.ip.IpPacket;

/**
 * A guest's word that a packet to it was too large for a link behind it (RFC 792 and 1191; RFC
 * 4443, section 3.2), as far as it tells of TCP. Used for one after the other.
 */
public final class TooBigNotice {
  /** First two bytes of the message of IPv4: destination unreachable, fragmentation needed. */
  public static final int TYPE_AND_CODE4 = 3 << 8 | 4;

  /** Type of the message of IPv6. */
  public static final int TYPE6 = 2;

  private static final int HEADER_BYTES = 8;
  private static final int MTU4 = 6;
  private static final int MTU6 = 4;
  private static final int QUOTED_TCP_BYTES = 8;
  private static final int MIN_MTU4 = 68;
  private static final int MIN_MTU6 = 1280;

  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;

  private int mtuBytes;
  private long remoteHigh;
  private long remoteLow;
  private long guestHigh;
  private long guestLow;
  private int sequence;
  private int sourcePort;
  private int destinationPort;

  /** Reads a message; false if it is none, or not of a TCP packet from us. */
  public boolean parse(ByteBuffer bytes, IpPacket packet) {
    int at = packet.payloadStart();
    int inner = at + HEADER_BYTES;
    // What we send has neither options nor extension headers.
    int tcp = inner + (packet.isIpv6() ? IPV6_BYTES : IPV4_BYTES);
    if (packet.end() - tcp < QUOTED_TCP_BYTES) {
      return false;
    }
    if (packet.isIpv6()) {
      mtuBytes = Math.max(bytes.getInt(at + MTU6), MIN_MTU6);
      remoteHigh = bytes.getLong(inner + 8);
      remoteLow = bytes.getLong(inner + 16);
      guestHigh = bytes.getLong(inner + 24);
      guestLow = bytes.getLong(inner + 32);
    } else {
      mtuBytes = Math.max(bytes.getShort(at + MTU4) & 0xffff, MIN_MTU4);
      remoteHigh = 0;
      remoteLow = IpBits.lowOfIpv4(bytes.getInt(inner + 12));
      guestHigh = 0;
      guestLow = IpBits.lowOfIpv4(bytes.getInt(inner + 16));
    }
    int protocol = bytes.get(inner + (packet.isIpv6() ? 6 : 9)) & 0xff;
    int version = bytes.get(inner) >> 4 & 15;
    if (protocol != IpPacket.TCP || version != (packet.isIpv6() ? 6 : 4)) {
      return false;
    }
    sourcePort = bytes.getShort(tcp) & 0xffff;
    destinationPort = bytes.getShort(tcp + 2) & 0xffff;
    sequence = bytes.getInt(tcp + 4);
    return true;
  }

  /** Address of who sent the packet that was too large: one outside, for whom we speak. */
  public long remoteHigh() {
    return remoteHigh;
  }

  public long remoteLow() {
    return remoteLow;
  }

  /** And of whom it was for. */
  public long guestHigh() {
    return guestHigh;
  }

  public long guestLow() {
    return guestLow;
  }

  public int mtuBytes() {
    return mtuBytes;
  }

  public int sequence() {
    return sequence;
  }

  public int sourcePort() {
    return sourcePort;
  }

  public int destinationPort() {
    return destinationPort;
  }
}
