package org.maloca.net.nat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.maloca.net.ip.IpBits;

/**
 * Where on the host's side a guest's new flow leads, if it may: nowhere that the host's own stack
 * would take for itself, and only what the egress rules let pass. The gateway's address stands for
 * the host's loopback if that was allowed, and then the host's other addresses are open too; else
 * nothing leads to the host itself, whose programs may trust who comes from there.
 */
public final class HostAddresses {
  private final boolean isOutsideOpen;
  private final boolean isLoopbackOpen;
  private final long gatewayLow4;
  private final long gatewayHigh6;
  private final long gatewayLow6;
  private final long networkMask4;
  private final OwnAddresses own;
  private volatile EgressFilter filter = EgressFilter.ALL;

  /**
   * Makes the mapping.
   *
   * @param isOutsideOpen whether anything but the gateway's address leads somewhere
   * @param isLoopbackOpen whether the gateway's address leads to the host's loopback
   * @param networkMask4 of the guests' IPv4 network, around the gateway's address
   */
  public HostAddresses(
      boolean isOutsideOpen,
      boolean isLoopbackOpen,
      InetAddress gateway4,
      InetAddress gateway6,
      int networkMask4) {
    this(isOutsideOpen, isLoopbackOpen, gateway4, gateway6, networkMask4, OwnAddresses.ofHost());
  }

  HostAddresses(
      boolean isOutsideOpen,
      boolean isLoopbackOpen,
      InetAddress gateway4,
      InetAddress gateway6,
      int networkMask4,
      OwnAddresses own) {
    this.own = own;
    this.isOutsideOpen = isOutsideOpen;
    this.isLoopbackOpen = isLoopbackOpen;
    this.networkMask4 = networkMask4;
    gatewayLow4 = IpBits.low(gateway4);
    gatewayHigh6 = IpBits.high(gateway6);
    gatewayLow6 = IpBits.low(gateway6);
  }

  /** The address that a guest knows a host of the outside by. */
  public InetAddress seenByGuest(InetAddress address) {
    if (!address.isLoopbackAddress()) {
      return address;
    }
    return address instanceof Inet4Address
        ? IpBits.toAddress(0, gatewayLow4)
        : IpBits.toAddress(gatewayHigh6, gatewayLow6);
  }

  /** Sets the rules for new flows. */
  public void setFilter(EgressFilter rules) {
    filter = rules;
  }

  /** Whether a packet to outside may leave; for protocols without ports. */
  public boolean isOpen(int switchPort, int protocol, long high, long low) {
    return leadsOut(high, low)
        && isOutside(IpBits.toAddress(high, low))
        && filter.allows(switchPort, protocol, high, low, 0);
  }

  /** Whether there is a way to an address that is not the gateway's. */
  private boolean leadsOut(long high, long low) {
    return isOutsideOpen && !IpBits.isBeyondNat(high, low) && !isGuestNetwork(high, low);
  }

  /** Whether an address is not the host's own, or the host is open. */
  private boolean isOutside(InetAddress address) {
    return isLoopbackOpen || !own.contains(address);
  }

  /** Whether no way leads to an address, whatever the rules say. */
  public boolean isNowhere(long high, long low) {
    return !isOutsideOpen && !IpBits.isBeyondNat(high, low) && !isGuestNetwork(high, low);
  }

  /** Whether an address is the gateway's own. */
  public boolean isGateway(long high, long low) {
    return high == 0 && low == gatewayLow4 || high == gatewayHigh6 && low == gatewayLow6;
  }

  private boolean isGuestNetwork(long high, long low) {
    return IpBits.isIpv4(high, low)
        ? ((low ^ gatewayLow4) & networkMask4 & 0xffff_ffffL) == 0
        : high == gatewayHigh6;
  }

  /** The address to connect to; null if the flow may not be. */
  public @Nullable InetSocketAddress target(
      int switchPort, int protocol, long high, long low, int port) {
    if (isGateway(high, low)) {
      return isLoopbackOpen && filter.allows(switchPort, protocol, high, low, port)
          ? new InetSocketAddress(
              high == 0 ? InetAddress.ofLiteral("127.0.0.1") : InetAddress.ofLiteral("::1"), port)
          : null;
    }
    if (!leadsOut(high, low) || !filter.allows(switchPort, protocol, high, low, port)) {
      return null;
    }
    InetAddress address = IpBits.toAddress(high, low);
    return isOutside(address) ? new InetSocketAddress(address, port) : null;
  }
}
