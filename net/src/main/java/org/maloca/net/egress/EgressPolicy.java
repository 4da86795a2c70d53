package org.maloca.net.egress;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of rules, of which the first that matches decides; what matches none is decided by the
 * default. Immutable.
 *
 * <p>Rules by name look at what the machine resolved through the network's name server. A name that
 * is denied for all services is not resolved either. Names resolved elsewhere are unknown: to hold
 * machines to a list of names, allow those and deny the rest.
 */
public final class EgressPolicy {
  /** Lets everything pass. */
  public static final EgressPolicy ALLOW_ALL = new EgressPolicy(List.of(), true);

  /** Numbers of protocols in IP headers; ICMP stands for that of both IP versions. */
  public static final int PROTOCOL_ICMP = EgressRule.ICMP;

  public static final int PROTOCOL_TCP = EgressRule.TCP;
  public static final int PROTOCOL_UDP = EgressRule.UDP;

  private static final int MAX_RULES = 10_000;

  private final List<EgressRule> rules;
  private final boolean isAllowedByDefault;

  private EgressPolicy(List<EgressRule> rules, boolean isAllowedByDefault) {
    this.rules = List.copyOf(rules);
    this.isAllowedByDefault = isAllowedByDefault;
  }

  /**
   * Reads rules; blank lines and those that begin with {@code #} are skipped. The format is
   *
   * <pre>(allow|deny) DESTINATION [PROTOCOL[/PORTS]]</pre>
   *
   * with a destination of {@code any}, an address, a network, a name or {@code *.NAME}, a protocol
   * of {@code tcp}, {@code udp}, {@code icmp} or {@code any}, and ports as in {@code 80,8000-8099}.
   *
   * @throws IllegalArgumentException with a message for people that shows the rule
   */
  public static EgressPolicy parse(List<String> lines, boolean isAllowedByDefault) {
    List<EgressRule> rules = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
        rules.add(EgressRule.parse(line));
      }
    }
    if (rules.size() > MAX_RULES) {
      throw new IllegalArgumentException("more than " + MAX_RULES + " egress rules");
    }
    return new EgressPolicy(rules, isAllowedByDefault);
  }

  /** Decides on a new flow to an IPv4 address. */
  public boolean allowsIpv4(int protocol, int address, int port, ResolvedNames names) {
    return allows(protocol, 0, IpNetwork.lowOfIpv4(address), port, names);
  }

  /** Decides on a new flow. */
  public boolean allows(int protocol, InetAddress address, int port, ResolvedNames names) {
    return allows(protocol, IpNetwork.high(address), IpNetwork.low(address), port, names);
  }

  /**
   * Decides on a new flow.
   *
   * @param protocol its number in IP headers
   * @param high the destination's upper half; of an IPv4-mapped address for IPv4
   * @param low the lower half
   * @param port the destination's; anything for protocols without
   */
  public boolean allows(int protocol, long high, long low, int port, ResolvedNames names) {
    for (int i = 0; i < rules.size(); i++) {
      EgressRule rule = rules.get(i);
      if (rule.matchesService(protocol, port) && matchesAddress(rule, high, low, names)) {
        return rule.isAllow();
      }
    }
    return isAllowedByDefault;
  }

  private static boolean matchesAddress(EgressRule rule, long high, long low, ResolvedNames names) {
    IpNetwork network = rule.network();
    if (network != null) {
      return network.contains(high, low);
    }
    // Who owns a name decides what it is an alias for, so an alias may forbid, and allows nothing.
    return names.any(high, low, !rule.isAllow(), rule::matchesName);
  }

  /** Whether the network's name server is to resolve a name. */
  public boolean allowsName(String name) {
    for (EgressRule rule : rules) {
      if (rule.matchesName(name)) {
        return rule.isAllow() || !rule.isForAllServices();
      }
    }
    return true;
  }

  /** The rules as they were written. */
  @Override
  public String toString() {
    return String.join("; ", rules.stream().map(EgressRule::text).toList())
        + (rules.isEmpty() ? "" : "; ")
        + (isAllowedByDefault ? "allow any" : "deny any");
  }
}
