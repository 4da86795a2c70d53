package org.maloca.net.host;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of the host that leads to one of a machine: {@code
 * [ADDRESS:]HOSTPORT:GUESTPORT[/tcp|/udp]}, an IPv6 address in brackets. Without an address the
 * host's loopback, so that nobody else on its network gets in unless that was asked for; {@code *}
 * stands for all addresses, of both IP versions. Ports may be ranges, as in {@code
 * 8000-8009:80-89}.
 *
 * @param hostAddress where the host listens
 * @param hostPort there; 0 for one that the host chooses
 * @param guestPort of the machine
 * @param isUdp else TCP
 */
public record PortForward(InetAddress hostAddress, int hostPort, int guestPort, boolean isUdp) {
  /** Each is a socket of the host. */
  static final int MAX_RANGE = 1000;

  private record Range(int first, int last) {
    int size() {
      return last - first + 1;
    }
  }

  /** Checks the values. */
  public PortForward {
    if (hostPort < 0 || hostPort > 65535 || guestPort < 1 || guestPort > 65535) {
      throw new IllegalArgumentException("ports " + hostPort + " and " + guestPort);
    }
  }

  /**
   * Reads a forward, or a range of them.
   *
   * @return one for each port
   * @throws IllegalArgumentException with a message for people
   */
  public static List<PortForward> parse(String text) {
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
    Range guest = range(text, rest.substring(lastColon + 1), 1);
    String host = rest.substring(0, lastColon);
    int colon = host.lastIndexOf(':');
    Range from = range(text, host.substring(colon + 1), 0);
    if (from.size() != guest.size()) {
      throw wrong(text, "%d ports and %d".formatted(from.size(), guest.size()));
    }
    InetAddress address =
        colon < 0 ? InetAddress.ofLiteral("127.0.0.1") : address(text, host.substring(0, colon));
    List<PortForward> forwards = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      forwards.add(
          new PortForward(address, from.first + i, guest.first + i, protocol.equals("udp")));
    }
    return List.copyOf(forwards);
  }

  private static InetAddress address(String text, String word) {
    boolean isBracketed = word.startsWith("[") && word.endsWith("]") && word.length() > 2;
    String literal = isBracketed ? word.substring(1, word.length() - 1) : word;
    if (literal.equals("*")) {
      // Sockets of IPv6 take IPv4 too.
      return InetAddress.ofLiteral("::");
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

  private static Range range(String text, String word, int least) {
    int dash = word.indexOf('-');
    if (dash < 0) {
      int port = port(text, word, least);
      return new Range(port, port);
    }
    Range range =
        new Range(port(text, word.substring(0, dash), 1), port(text, word.substring(dash + 1), 1));
    if (range.size() < 1 || range.size() > MAX_RANGE) {
      throw wrong(text, "'%s' is no range of 1 to %d ports".formatted(word, MAX_RANGE));
    }
    return range;
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
    return "%s:%d:%d/%s"
        .formatted(IpLiteral.bracketed(hostAddress), hostPort, guestPort, isUdp ? "udp" : "tcp");
  }
}
