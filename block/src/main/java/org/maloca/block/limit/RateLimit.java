package org.maloca.block.limit;

import org.jspecify.annotations.Nullable;
import org.maloca.core.time.RateCell;

/**
 * A {@link Rate} in force: a cell for the long run, whose tolerance is what a burst may be ahead of
 * it, and one that keeps the burst itself to its rate.
 */
final class RateLimit {
  /**
   * How far ahead of an even pace requests may be without a burst; so long a guest may stand still
   * on a busy host and still get all of its rate.
   */
  private static final long SLACK_NANOS = 250_000_000;

  /** The same within a burst, which may be short. */
  private static final long BURST_SLACK_NANOS = 100_000_000;

  private static final double NANOS_PER_SECOND = 1e9;

  private final RateCell longRun;
  private final @Nullable RateCell burst;

  private RateLimit(RateCell longRun, @Nullable RateCell burst) {
    this.longRun = longRun;
    this.burst = burst;
  }

  static @Nullable RateLimit of(Rate rate, long nowNanos) {
    if (rate.isUnlimited()) {
      return null;
    }
    if (rate.burstPerSecond() == 0) {
      return new RateLimit(new RateCell(rate.perSecond(), SLACK_NANOS, nowNanos), null);
    }
    double ahead =
        (double) (rate.burstPerSecond() - rate.perSecond())
            / rate.perSecond()
            * rate.burstSeconds()
            * NANOS_PER_SECOND;
    long toleranceNanos = (long) Math.min(Math.max(SLACK_NANOS, ahead), Long.MAX_VALUE / 8.0);
    return new RateLimit(
        new RateCell(rate.perSecond(), toleranceNanos, nowNanos),
        new RateCell(rate.burstPerSecond(), BURST_SLACK_NANOS, nowNanos));
  }

  /** Admits a request; see {@link RateCell#admit}. */
  long admit(long units, long nowNanos) {
    long wait = longRun.admit(units, nowNanos);
    return burst == null ? wait : Math.max(wait, burst.admit(units, nowNanos));
  }
}
