package org.maloca.net.ethernet;

import java.net.InetAddress;

/** Hears which IPv6 addresses machines use. Called with the switch's lock held. */
public interface GuestAddressListener {
  /** A machine has begun to use an address that nobody else has. */
  void claimed(int switchPort, InetAddress address);

  /** It uses it no more. */
  void released(int switchPort, InetAddress address);
}
