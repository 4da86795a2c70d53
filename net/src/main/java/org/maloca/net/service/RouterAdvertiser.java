package org.maloca.net.service;

/** Tells guests of the IPv6 router when they ask for it (RFC 4861, section 6.2.6). */
@FunctionalInterface
public interface RouterAdvertiser {
  /**
   * The ICMPv6 message from its type on, with a checksum of 0 that is filled in when it is sent.
   */
  byte[] advertisement();
}
