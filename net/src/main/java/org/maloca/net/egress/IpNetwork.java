package org.maloca.net.egress;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.maloca.net.host.IpLiteral;

/**
 * A network of IPv6, or of IPv4 as its mapped form (RFC 4291, section 2.5.5.2), so that one kind of
 * number stands for both. No network of IPv6 has IPv4's addresses in it, {@code ::/0} neither.
 *
 * @param high the address's upper half
 * @param low the lower half
 * @param prefixLength of 128 bits; {@link #ALL} for all addresses of both kinds
 */
record IpNetwork(long high, long low, int prefixLength) {
  private static final long IPV4_MAPPED = 0xffff_0000_0000L;
  private static final int IPV4_PREFIX = 96;
  private static final int ALL = -1;

  /** All addresses, of both kinds. */
  static final IpNetwork ANY = new IpNetwork(0, 0, ALL);

  /**
   * Reads {@code ADDRESS} or {@code ADDRESS/LENGTH}; host bits are not looked at.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static IpNetwork parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    InetAddress address;
    try {
      address = IpLiteral.parse(literal);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException("'" + literal + "' is not an IP address", wrong);
    }
    boolean isIpv4 = address.getAddress().length == 4;
    int longest = isIpv4 ? 32 : 128;
    int length = longest;
    if (slash >= 0) {
      length = Numbers.parse(text.substring(slash + 1), 0, longest, "prefix length");
    }
    return new IpNetwork(high(address), low(address), isIpv4 ? IPV4_PREFIX + length : length);
  }

  boolean contains(long addressHigh, long addressLow) {
    if (prefixLength == ALL) {
      return true;
    }
    boolean isIpv4 = addressHigh == 0 && (addressLow & -1L << 32) == IPV4_MAPPED;
    if (isIpv4 && prefixLength < IPV4_PREFIX) {
      return false;
    }
    if (prefixLength == 0) {
      return true;
    }
    if (prefixLength <= 64) {
      return (high ^ addressHigh) >>> (64 - prefixLength) == 0;
    }
    return high == addressHigh && (low ^ addressLow) >>> (128 - prefixLength) == 0;
  }

  static long high(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? 0 : ByteBuffer.wrap(bytes).getLong(0);
  }

  static long low(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4
        ? lowOfIpv4(ByteBuffer.wrap(bytes).getInt(0))
        : ByteBuffer.wrap(bytes).getLong(8);
  }

  static long lowOfIpv4(int address) {
    return IPV4_MAPPED | address & 0xffff_ffffL;
  }
}
