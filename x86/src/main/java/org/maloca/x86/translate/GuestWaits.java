package org.maloca.x86.translate;

import java.util.Set;
import org.maloca.x86.code.CodeCache;

/**
 * Whether a guest often waits for somebody else, as a server does for its clients: a small part of
 * the time, each of its CPUs is halted. For the translator's thread; what vCPUs count may lag.
 */
final class GuestWaits {
  /** Looks over which the part of the time is averaged. */
  private static final int LOOKS_AVERAGED = 64;

  private static final double FREQUENT = 0.02;

  private double haltedPart;
  private long haltedNanos;
  private long lookedAt;

  /** Looks at how long the CPUs were halted since the last time. */
  void look(Set<CodeCache> caches, long nowNanos) {
    if (caches.isEmpty()) {
      return;
    }
    long least = Long.MAX_VALUE;
    for (CodeCache cache : caches) {
      least = Math.min(least, cache.haltedNanos());
    }
    if (lookedAt != 0) {
      double part = (double) (least - haltedNanos) / (nowNanos - lookedAt);
      haltedPart += (Math.clamp(part, 0, 1) - haltedPart) / LOOKS_AVERAGED;
    }
    haltedNanos = least;
    lookedAt = nowNanos;
  }

  boolean areFrequent() {
    return haltedPart >= FREQUENT;
  }
}
