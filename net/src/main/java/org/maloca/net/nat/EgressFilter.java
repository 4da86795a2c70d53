package org.maloca.net.nat;

/** Decides which new flows may leave a network. */
@FunctionalInterface
public interface EgressFilter {
  /** Lets everything pass. */
  EgressFilter ALL = (switchPort, protocol, high, low, port) -> true;

  /**
   * Decides on a new flow; called with the network's lock held, so it must be quick.
   *
   * @param switchPort number of the machine's port at the switch
   * @param protocol its number in IP headers
   * @param high the destination's upper half; 0 for IPv4, which is in its mapped form
   * @param low the lower half
   * @param port the destination's; 0 for ICMP
   */
  boolean allows(int switchPort, int protocol, long high, long low, int port);
}
