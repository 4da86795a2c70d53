package org.maloca.net.ip;

import java.nio.ByteBuffer;
import org.maloca.core.backend.InternetChecksum;

/** Writes the Ethernet and IP headers of frames to guests. */
public final class IpHeaders {
  public static final int ETHERNET_BYTES = 14;
  public static final int ETHERTYPE_IPV4 = 0x0800;
  public static final int ETHERTYPE_ARP = 0x0806;
  public static final int ETHERTYPE_IPV6 = 0x86dd;

  private static final int HOP_LIMIT = 64;
  private static final int DONT_FRAGMENT = 0x4000;

  private IpHeaders() {}

  /** Writes a link address from the lower 48 bits. */
  public static void putMac(ByteBuffer bytes, int at, long mac) {
    bytes.putShort(at, (short) (mac >>> 32));
    bytes.putInt(at + 2, (int) mac);
  }

  /** Reads a link address. */
  public static long getMac(ByteBuffer bytes, int at) {
    return (bytes.getShort(at) & 0xffffL) << 32 | bytes.getInt(at + 2) & 0xffff_ffffL;
  }

  /** Writes the Ethernet header. */
  public static void putEthernet(ByteBuffer bytes, long destination, long source, int type) {
    putMac(bytes, 0, destination);
    putMac(bytes, 6, source);
    bytes.putShort(12, (short) type);
  }

  /** Where the payload begins behind both headers. */
  public static int payloadStart(boolean isIpv6) {
    return ETHERNET_BYTES + (isIpv6 ? IpPacket.IPV6_HEADER_BYTES : IpPacket.IPV4_HEADER_BYTES);
  }

  /**
   * Writes both headers of an unfragmented packet.
   *
   * @param payloadBytes what follows the IP header
   */
  public static void put(
      ByteBuffer bytes,
      long destinationMac,
      long sourceMac,
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int protocol,
      int payloadBytes) {
    int ip = ETHERNET_BYTES;
    if (IpBits.isIpv4(sourceHigh, sourceLow)) {
      putEthernet(bytes, destinationMac, sourceMac, ETHERTYPE_IPV4);
      bytes.putShort(ip, (short) 0x4500);
      bytes.putShort(ip + 2, (short) (IpPacket.IPV4_HEADER_BYTES + payloadBytes));
      bytes.putInt(ip + 4, DONT_FRAGMENT);
      bytes.putShort(ip + 8, (short) (HOP_LIMIT << 8 | protocol));
      bytes.putShort(ip + 10, (short) 0);
      bytes.putInt(ip + 12, (int) sourceLow);
      bytes.putInt(ip + 16, (int) destinationLow);
      finishIpv4(bytes);
    } else {
      putEthernet(bytes, destinationMac, sourceMac, ETHERTYPE_IPV6);
      bytes.putInt(ip, 0x6000_0000);
      bytes.putShort(ip + 4, (short) payloadBytes);
      // Neighbour discovery is believed only with 255, and it harms nobody else.
      int hopLimit = protocol == IpPacket.ICMPV6 ? 255 : HOP_LIMIT;
      bytes.putShort(ip + 6, (short) (protocol << 8 | hopLimit));
      bytes.putLong(ip + 8, sourceHigh).putLong(ip + 16, sourceLow);
      bytes.putLong(ip + 24, destinationHigh).putLong(ip + 32, destinationLow);
    }
  }

  /** Writes the checksum of an IPv4 header without options, whose field is 0. */
  public static void finishIpv4(ByteBuffer bytes) {
    int ip = ETHERNET_BYTES;
    bytes.putShort(ip + 10, (short) 0);
    long sum = InternetChecksum.add(bytes, ip, ip + IpPacket.IPV4_HEADER_BYTES, 0);
    bytes.putShort(ip + 10, (short) InternetChecksum.finish(sum));
  }

  /** The sum over the pseudo-header (RFC 9293, section 3.1; RFC 8200, section 8.1). */
  public static long pseudoHeaderSum(
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int protocol,
      int payloadBytes) {
    long sum = protocol + payloadBytes;
    if (IpBits.isIpv4(sourceHigh, sourceLow)) {
      return sum + (sourceLow & 0xffff_ffffL) + (destinationLow & 0xffff_ffffL);
    }
    return sum
        + (sourceHigh >>> 32)
        + (sourceHigh & 0xffff_ffffL)
        + (sourceLow >>> 32)
        + (sourceLow & 0xffff_ffffL)
        + (destinationHigh >>> 32)
        + (destinationHigh & 0xffff_ffffL)
        + (destinationLow >>> 32)
        + (destinationLow & 0xffff_ffffL);
  }
}
