package org.maloca.net.egress;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.net.dns.NameSyntax;

/**
 * One rule: {@code (allow|deny) DESTINATION [PROTOCOL[/PORTS]]}.
 *
 * <pre>
 * DESTINATION  any, an address, a network as in 10.0.0.0/8, a name, or *.NAME for all names below
 * PROTOCOL     tcp, udp, icmp or any
 * PORTS        80, 8000-8099, or several with commas between them; of tcp and udp only
 * </pre>
 *
 * @param isAllow whether what matches may pass
 * @param network which addresses match; null for a rule by name
 * @param name which name matches, with {@code *.} before it for all below; null for a network
 * @param protocol the number in IP headers that matches; {@link #ANY_PROTOCOL} for all
 * @param ports the ranges that match; empty for all
 * @param text as it was written
 */
record EgressRule(
    boolean isAllow,
    @Nullable IpNetwork network,
    @Nullable String name,
    int protocol,
    List<PortRange> ports,
    String text) {
  static final int ANY_PROTOCOL = -1;
  static final int TCP = 6;
  static final int UDP = 17;

  /** ICMP of both IP versions. */
  static final int ICMP = 1;

  private static final int MAX_RANGES = 64;

  /** Ports from the first to the last. */
  record PortRange(int first, int last) {}

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static EgressRule parse(String text) {
    String[] words = text.strip().split("\\s+");
    if (words.length < 2 || words.length > 3) {
      throw wrong(text, "a rule is 'allow DESTINATION [PROTOCOL[/PORTS]]' or 'deny ...'");
    }
    boolean isAllow =
        switch (words[0]) {
          case "allow" -> true;
          case "deny" -> false;
          default -> throw wrong(text, "'" + words[0] + "' is neither allow nor deny");
        };
    try {
      String service = words.length == 3 ? words[2] : "any";
      int slash = service.indexOf('/');
      int protocol = protocol(slash < 0 ? service : service.substring(0, slash));
      List<PortRange> ports = slash < 0 ? List.of() : ports(protocol, service.substring(slash + 1));
      String name = isNetwork(words[1]) ? null : name(words[1]);
      IpNetwork network =
          name != null ? null : words[1].equals("any") ? IpNetwork.ANY : IpNetwork.parse(words[1]);
      return new EgressRule(isAllow, network, name, protocol, ports, text.strip());
    } catch (IllegalArgumentException problem) {
      throw wrong(text, String.valueOf(problem.getMessage()));
    }
  }

  private static IllegalArgumentException wrong(String text, String why) {
    return new IllegalArgumentException("egress rule '" + text.strip() + "': " + why);
  }

  /** Whether the word can only be an address, so that a slip in one is not taken for a name. */
  private static boolean isNetwork(String word) {
    String last = word.substring(word.lastIndexOf('.') + 1);
    return word.equals("any")
        || word.contains(":")
        || word.contains("/")
        || !last.isEmpty() && last.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static String name(String word) {
    boolean isWild = word.startsWith("*.");
    String name = NameSyntax.canonical(isWild ? word.substring(2) : word);
    if (!NameSyntax.isValid(name)) {
      throw new IllegalArgumentException("'" + word + "' is neither a network nor a name");
    }
    return isWild ? "*." + name : name;
  }

  private static int protocol(String word) {
    return switch (word) {
      case "any" -> ANY_PROTOCOL;
      case "tcp" -> TCP;
      case "udp" -> UDP;
      case "icmp" -> ICMP;
      default ->
          throw new IllegalArgumentException("'" + word + "' is none of tcp, udp, icmp, any");
    };
  }

  private static List<PortRange> ports(int protocol, String text) {
    if (protocol != TCP && protocol != UDP) {
      throw new IllegalArgumentException("ports go with tcp or udp");
    }
    List<PortRange> ranges = new ArrayList<>();
    for (String range : text.split(",", -1)) {
      int dash = range.indexOf('-');
      String first = dash < 0 ? range : range.substring(0, dash);
      int from = Numbers.parse(first, 0, 65535, "port");
      int to = dash < 0 ? from : Numbers.parse(range.substring(dash + 1), from, 65535, "port");
      ranges.add(new PortRange(from, to));
    }
    if (ranges.size() > MAX_RANGES) {
      throw new IllegalArgumentException("more than " + MAX_RANGES + " port ranges");
    }
    return List.copyOf(ranges);
  }

  boolean matchesService(int protocolNumber, int port) {
    if (protocol != ANY_PROTOCOL && protocol != protocolNumber) {
      return false;
    }
    for (int i = 0; i < ports.size(); i++) {
      if (port >= ports.get(i).first() && port <= ports.get(i).last()) {
        return true;
      }
    }
    return ports.isEmpty();
  }

  boolean matchesName(String asked) {
    if (name == null) {
      return false;
    }
    // The suffix keeps its dot, so that *.example does not match notexample.
    return name.startsWith("*.") ? asked.endsWith(name.substring(1)) : asked.equals(name);
  }

  /** Whether all services of the destination are meant. */
  boolean isForAllServices() {
    return protocol == ANY_PROTOCOL && ports.isEmpty();
  }
}
