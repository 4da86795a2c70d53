package org.maloca.net.dhcp;

import java.util.List;

/**
 * What a network tells its machines by DHCPv4. Addresses are 32-bit numbers, first byte on top.
 *
 * @param serverAddress our own address on the network
 * @param prefixLength of the network, 8 to 30
 * @param routerAddress the way out; 0 if there is none
 * @param firstAddress the pool's first address
 * @param lastAddress the pool's last address, at most {@link #MAX_POOL} after the first
 * @param dnsServers at most {@link #MAX_DNS_SERVERS}; may be empty
 * @param domain the domain of all machines; empty for none
 * @param mtuBytes the largest IP packet, 576 to 65535
 * @param leaseSeconds for how long an address is given, 60 or more
 */
public record DhcpConfig(
    int serverAddress,
    int prefixLength,
    int routerAddress,
    int firstAddress,
    int lastAddress,
    List<Integer> dnsServers,
    String domain,
    int mtuBytes,
    int leaseSeconds) {
  /** The most addresses that a pool has, which bounds the table of leases. */
  public static final int MAX_POOL = 65536;

  public static final int MAX_DNS_SERVERS = 4;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if they contradict each other
   */
  public DhcpConfig {
    dnsServers = List.copyOf(dnsServers);
    require(prefixLength >= 8 && prefixLength <= 30, "prefix length " + prefixLength);
    int mask = -1 << (32 - prefixLength);
    require(
        ((firstAddress ^ serverAddress) & mask) == 0 && ((lastAddress ^ serverAddress) & mask) == 0,
        "the pool is outside the network");
    int size = lastAddress - firstAddress;
    require(size >= 0 && size < MAX_POOL, "the pool has " + (size + 1L) + " addresses");
    require(dnsServers.size() <= MAX_DNS_SERVERS, "too many DNS servers");
    require(domain.length() <= 253, "the domain is too long");
    require(mtuBytes >= 576 && mtuBytes <= 65535, "MTU " + mtuBytes);
    require(leaseSeconds >= 60, "lease of " + leaseSeconds + " s");
  }

  private static void require(boolean isTrue, String complaint) {
    if (!isTrue) {
      throw new IllegalArgumentException(complaint);
    }
  }

  /** The network's mask. */
  public int netmask() {
    return -1 << (32 - prefixLength);
  }

  /** The address of all machines on the network. */
  public int broadcastAddress() {
    return serverAddress | ~netmask();
  }

  /** Whether a machine may have that address: in the pool, and nobody's by configuration. */
  boolean isInPool(int address) {
    return address - firstAddress >= 0
        && lastAddress - address >= 0
        && address != serverAddress
        && address != routerAddress
        && address != broadcastAddress()
        && address != (serverAddress & netmask())
        && !dnsServers.contains(address);
  }
}
