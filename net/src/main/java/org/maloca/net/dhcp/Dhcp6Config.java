package org.maloca.net.dhcp;

import java.net.Inet6Address;
import java.util.List;

/**
 * What a network tells its machines by DHCPv6.
 *
 * @param prefix of 64 bits; its lower half is not looked at
 * @param serverMac our link-layer address, of which our DUID is made
 * @param firstInterfaceId lower half of the pool's first address, more than 0
 * @param poolSize how many addresses, at most {@link DhcpConfig#MAX_POOL}
 * @param dnsServers at most {@link DhcpConfig#MAX_DNS_SERVERS}; may be empty
 * @param domain of the machines; empty for none
 * @param leaseSeconds the valid lifetime, 60 or more
 */
public record Dhcp6Config(
    Inet6Address prefix,
    long serverMac,
    long firstInterfaceId,
    int poolSize,
    List<Inet6Address> dnsServers,
    String domain,
    int leaseSeconds) {
  /** Checks the values. */
  public Dhcp6Config {
    dnsServers = List.copyOf(dnsServers);
    if (firstInterfaceId <= 0
        || poolSize < 1
        || poolSize > DhcpConfig.MAX_POOL
        || dnsServers.size() > DhcpConfig.MAX_DNS_SERVERS
        || domain.length() > 253
        || leaseSeconds < 60) {
      throw new IllegalArgumentException("a DHCPv6 network with impossible values");
    }
  }
}
