package org.maloca.net.nat;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The addresses that the host has itself: packets to them end at its own programs, whichever
 * interface they seem to be for. Guarded by the network's lock.
 */
final class OwnAddresses {
  /** A host gets a new address seldom, and to ask for them takes longer than opening a flow. */
  static final long KNOWN_NANOS = 1_000_000_000L;

  /** Where the addresses of the moment come from. */
  @FunctionalInterface
  interface Source {
    Set<InetAddress> addresses() throws SocketException;
  }

  private final Source source;
  private final LongSupplier clock;
  private Set<InetAddress> known = Set.of();
  private boolean isKnown;
  private long askedNanos;

  OwnAddresses(Source source, LongSupplier clock) {
    this.source = source;
    this.clock = clock;
  }

  /** Those of this host's interfaces. */
  static OwnAddresses ofHost() {
    return new OwnAddresses(
        () ->
            NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .collect(Collectors.toUnmodifiableSet()),
        System::nanoTime);
  }

  boolean contains(InetAddress address) {
    long now = clock.getAsLong();
    if (!isKnown || now - askedNanos >= KNOWN_NANOS) {
      try {
        known = source.addresses();
        isKnown = true;
        askedNanos = now;
      } catch (SocketException notNow) {
        // Those of before are a better guess than none.
      }
    }
    return known.contains(address);
  }
}
