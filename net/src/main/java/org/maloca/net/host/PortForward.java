package org.maloca.net.host;

import java.net.InetAddress;

/**
 * A port of the host that leads to one of a machine: {@code
 * [ADDRESS:]HOSTPORT:GUESTPORT[/tcp|/udp]}, an IPv6 address in brackets. Without an address the
 * host's loopback, so that nobody else on its network gets in unless that was asked for; {@code *}
 * stands for all addresses.
 *
 * @param hostAddress where the host listens
 * @param hostPort there; 0 for one that the host chooses
 * @param guestPort of the machine
 * @param isUdp else TCP
 */
public record PortForward(InetAddress hostAddress, int hostPort, int guestPort, boolean isUdp) {
  /** Checks the values. */
  public PortForward {
    if (hostPort < 0 || hostPort > 65535 || guestPort < 1 || guestPort > 65535) {
      throw new IllegalArgumentException("ports " + hostPort + " and " + guestPort);
    }
  }

  /**
   * Reads a forward.
   *
   * @throws IllegalArgumentException with a message for people
   */
  public static PortForward parse(String text) {
    int slash = text.lastIndexOf('/');
    String protocol = slash < 0 ? "tcp" : text.substring(slash + 1);
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      throw wrong(text, "'" + protocol + "' is neither tcp nor udp");
    }
    String rest = slash < 0 ? text : text.substring(0, slash);
    int lastColon = rest.lastIndexOf(':');
    if (lastColon < 0) {
      throw wrong(text, "it is [ADDRESS:]HOSTPORT:GUESTPORT[/tcp|/udp], as in 2222:22");
    }
    int guestPort = port(text, rest.substring(lastColon + 1), 1);
    String host = rest.substring(0, lastColon);
    int colon = host.lastIndexOf(':');
    int hostPort = port(text, host.substring(colon + 1), 0);
    InetAddress address =
        colon < 0 ? InetAddress.ofLiteral("127.0.0.1") : address(text, host.substring(0, colon));
    return new PortForward(address, hostPort, guestPort, protocol.equals("udp"));
  }

  private static InetAddress address(String text, String word) {
    boolean isBracketed = word.startsWith("[") && word.endsWith("]") && word.length() > 2;
    String literal = isBracketed ? word.substring(1, word.length() - 1) : word;
    if (literal.equals("*")) {
      return InetAddress.ofLiteral("0.0.0.0");
    }
    try {
      if (literal.contains(":") != isBracketed) {
        throw new IllegalArgumentException("brackets are for IPv6");
      }
      return IpLiteral.parse(literal);
    } catch (IllegalArgumentException notAddress) {
      throw wrong(text, "'" + word + "' is not an address (IPv6 goes in brackets)");
    }
  }

  private static int port(String text, String word, int least) {
    try {
      boolean isNumber = !word.isEmpty() && word.chars().allMatch(c -> c >= '0' && c <= '9');
      int port = isNumber ? Integer.parseInt(word) : -1;
      if (port >= least && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException tooLong) {
      // Told below.
    }
    throw wrong(text, "'" + word + "' is not a port");
  }

  private static IllegalArgumentException wrong(String text, String why) {
    return new IllegalArgumentException("port forward '" + text + "': " + why);
  }

  /** As it is written. */
  @Override
  public String toString() {
    String address = hostAddress.getHostAddress();
    String shown = address.contains(":") ? "[" + address + "]" : address;
    return shown + ":" + hostPort + ":" + guestPort + (isUdp ? "/udp" : "/tcp");
  }
}
