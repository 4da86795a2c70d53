package org.maloca.net.dns;

import java.net.InetAddress;

/** Hears which addresses names were resolved to, for rules that speak of names. Any thread. */
@FunctionalInterface
public interface ResolutionListener {
  /**
   * A client was told an address.
   *
   * @param port of the switch, where the client is
   * @param name in question, or one that it was an alias for, as {@link NameSyntax} writes it
   * @param isAlias whether it is not what the client asked for but what its owner made of that
   * @param ttlSeconds for how long the client may keep it
   */
  void resolved(int port, String name, boolean isAlias, InetAddress address, long ttlSeconds);
}
