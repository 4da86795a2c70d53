package org.maloca.net.service;

/** The way of a service's datagrams to guests. Safe for any thread. */
@FunctionalInterface
public interface DatagramSender {
  /**
   * Sends a datagram from the gateway to the guest on its switch port; dropped when the guest has
   * no room for it or is gone. The payload is used until the call returns. Sizes above the link's
   * are sent in fragments.
   */
  void send(Datagram datagram);
}
