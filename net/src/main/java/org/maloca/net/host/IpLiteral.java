package org.maloca.net.host;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** IP addresses as people write them. */
public final class IpLiteral {
  private IpLiteral() {}

  /**
   * Reads an address; never asks a name server. IPv4 has all its four numbers: the old short forms,
   * of which nobody remembers what they mean, are refused.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static InetAddress parse(String text) {
    boolean isIpv6 = text.contains(":");
    if (!isIpv6 && text.chars().filter(c -> c == '.').count() != 3 || text.contains("%")) {
      throw new IllegalArgumentException("'" + text + "' is not an IP address");
    }
    return InetAddress.ofLiteral(text);
  }

  /** An address as people write it: IPv6 with its longest run of zeros left out (RFC 5952). */
  public static String text(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    int longestStart = 0;
    int longest = 1;
    for (int start = 0; start < 8; start++) {
      int length = 0;
      while (start + length < 8 && group(bytes, start + length) == 0) {
        length++;
      }
      if (length > longest) {
        longestStart = start;
        longest = length;
      }
    }
    return longest == 1
        ? groups(bytes, 0, 8)
        : groups(bytes, 0, longestStart) + "::" + groups(bytes, longestStart + longest, 8);
  }

  /** The same, with IPv6 in brackets as it goes before a port. */
  public static String bracketed(InetAddress address) {
    String text = text(address);
    return text.contains(":") ? "[" + text + "]" : text;
  }

  private static int group(byte[] bytes, int index) {
    return ByteBuffer.wrap(bytes).getShort(index * 2) & 0xffff;
  }

  private static String groups(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i == from ? "" : ":").append(Integer.toHexString(group(bytes, i)));
    }
    return text.toString();
  }
}
