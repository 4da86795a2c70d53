package org.maloca.net.egress;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.maloca.core.time.VirtualClock;

/**
 * Which names addresses were resolved from, for one machine: what a machine asks for fills its own
 * table and no other's. Kept a while longer than the name server said, since programs connect late.
 * Thread-safe; holds {@link #MAX_ADDRESSES} addresses of {@link #MAX_NAMES} names each at most.
 */
public final class ResolvedNames {
  static final int MAX_ADDRESSES = 4096;
  static final int MAX_NAMES = 8;

  private static final long LEAST_SECONDS = 300;
  private static final long MOST_SECONDS = 86_400;

  private record Address(long high, long low) {}

  private record Name(String name, boolean isAlias, long expiryNanos) {}

  private final VirtualClock clock;
  private final Map<Address, List<Name>> names =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Address, List<Name>> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  public ResolvedNames(VirtualClock clock) {
    this.clock = clock;
  }

  /**
   * Remembers that a name led to an address.
   *
   * @param isAlias whether it is not the name that was asked for
   */
  public synchronized void add(String name, boolean isAlias, InetAddress address, long ttlSeconds) {
    Address key = new Address(IpNetwork.high(address), IpNetwork.low(address));
    long now = clock.nanos();
    long seconds = Math.clamp(ttlSeconds, LEAST_SECONDS, MOST_SECONDS);
    List<Name> known = names.remove(key);
    List<Name> kept = new ArrayList<>();
    for (Name former : known == null ? List.<Name>of() : known) {
      if (former.expiryNanos() - now > 0
          && (!former.name().equals(name) || former.isAlias() != isAlias)) {
        kept.add(former);
      }
    }
    if (kept.size() == MAX_NAMES) {
      kept.removeFirst();
    }
    kept.add(new Name(name, isAlias, now + TimeUnit.SECONDS.toNanos(seconds)));
    // At the end again: the addresses that were resolved longest ago go first.
    names.put(key, kept);
  }

  /** Whether a name of the address fulfils something; aliases count only if they are asked for. */
  synchronized boolean any(long high, long low, boolean withAliases, Predicate<String> which) {
    List<Name> known = names.get(new Address(high, low));
    if (known == null) {
      return false;
    }
    long now = clock.nanos();
    for (Name name : known) {
      if ((withAliases || !name.isAlias())
          && name.expiryNanos() - now > 0
          && which.test(name.name())) {
        return true;
      }
    }
    return false;
  }

  synchronized int size() {
    return names.size();
  }
}
