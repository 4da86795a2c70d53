package org.maloca.net.tcp;

/** The retransmission timeout from measured round trips (RFC 6298, with Linux's lower bound). */
final class RetransmissionTimer {
  static final long MIN_NANOS = 200_000_000L;
  static final long MAX_NANOS = 60_000_000_000L;
  private static final long INITIAL_NANOS = 1_000_000_000L;
  private static final int MAX_SHIFT = 16;

  private long smoothed;
  private long variation;
  private int backoff;

  /** Takes a measured round trip, never of a segment that was sent twice. */
  void measured(long roundTripNanos) {
    if (smoothed == 0) {
      smoothed = Math.max(roundTripNanos, 1);
      variation = roundTripNanos / 2;
    } else {
      variation += (Math.abs(smoothed - roundTripNanos) - variation) / 4;
      smoothed += (roundTripNanos - smoothed) / 8;
    }
  }

  /** A timeout has passed. */
  void backOff() {
    backoff++;
  }

  /** The guest has acknowledged something. */
  void resetBackoff() {
    backoff = 0;
  }

  /** Timeouts in a row. */
  int backoffs() {
    return backoff;
  }

  long timeoutNanos() {
    long base = smoothed == 0 ? INITIAL_NANOS : Math.max(smoothed + 4 * variation, MIN_NANOS);
    return Math.min(base << Math.min(backoff, MAX_SHIFT), MAX_NANOS);
  }
}
