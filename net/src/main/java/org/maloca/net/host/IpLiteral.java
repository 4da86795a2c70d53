package org.maloca.net.host;

import java.net.InetAddress;

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
}
