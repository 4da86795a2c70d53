package org.maloca.net.service;

/**
 * What listens on a UDP port of the gateway: for DHCP also for broadcasts and multicasts to it, for
 * DNS on the name server's address.
 */
@FunctionalInterface
public interface UdpService {
  /**
   * Takes a datagram; called with the network's lock held, so that long work goes elsewhere.
   * Answers may be sent from within and later from any thread.
   */
  void receive(Datagram datagram, DatagramSender sender);
}
