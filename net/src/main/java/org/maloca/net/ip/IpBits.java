package org.maloca.net.ip;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * IP addresses of both versions as two longs without objects: IPv6 as it is, IPv4 in its mapped
 * form {@code ::ffff:a.b.c.d} (RFC 4291, section 2.5.5.2).
 */
public final class IpBits {
  private static final long MAPPED = 0xffff_0000_0000L;

  private IpBits() {}

  /** The lower half of an IPv4 address; the upper one is 0. */
  public static long lowOfIpv4(int address) {
    return MAPPED | address & 0xffff_ffffL;
  }

  /** Whether both halves make a mapped IPv4 address. */
  public static boolean isIpv4(long high, long low) {
    return high == 0 && low >>> 32 == 0xffff;
  }

  /** The upper half of an address. */
  public static long high(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? 0 : ByteBuffer.wrap(bytes).getLong(0);
  }

  /** The lower half of an address. */
  public static long low(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.limit() == 4 ? lowOfIpv4(bytes.getInt(0)) : bytes.getLong(8);
  }

  /** The address as an object. */
  public static InetAddress toAddress(long high, long low) {
    try {
      return isIpv4(high, low)
          ? InetAddress.getByAddress(ByteBuffer.allocate(4).putInt((int) low).array())
          : InetAddress.getByAddress(ByteBuffer.allocate(16).putLong(high).putLong(low).array());
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Whether packets to it go to many: multicast and the limited broadcast. */
  public static boolean isMulticast(long high, long low) {
    return isIpv4(high, low) ? (low & 0xffff_ffffL) >= 0xe000_0000L : high >>> 56 == 0xff;
  }

  /**
   * Whether it is one that the host's own stack would take for itself or for a link of its own,
   * whatever its routes: loopback, unspecified ("this network"), link-local of IPv6, multicast.
   */
  public static boolean isBeyondNat(long high, long low) {
    if (isIpv4(high, low)) {
      int first = (int) (low >>> 24 & 0xff);
      // Link-local ones are the host's own neighbours, such as a cloud's metadata service.
      boolean isLinkLocal = (low >>> 16 & 0xffff) == 0xa9fe;
      return first == 0 || first == 127 || first >= 224 || isLinkLocal;
    }
    // ::/96 holds unspecified, loopback and addresses that merely embed one of IPv4.
    return high == 0 || high >>> 54 == 0x3fa || high >>> 56 == 0xff;
  }
}
