package org.maloca.core.time;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One limit of a rate, kept by the generic cell rate algorithm (ITU-T I.371, annex A): the only
 * state is the time up to which everything admitted so far is paid for. A request goes ahead when
 * that time is no further off than the tolerance, and moves it on by what it costs; so a request
 * may be larger than the tolerance, and those behind it wait the longer. The rate holds exactly
 * over time, whatever the requests' sizes.
 *
 * <p>Safe for several threads, without locks and allocations.
 */
public final class RateCell {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long MAX_COST_NANOS = Long.MAX_VALUE / 4;

  private final double nanosPerUnit;
  private final long toleranceNanos;
  private final AtomicLong paidUntilNanos;

  /**
   * Makes one that nothing was asked of yet.
   *
   * @param perSecond units a second, more than 0
   * @param toleranceNanos how far ahead of an even pace requests may be
   */
  public RateCell(long perSecond, long toleranceNanos, long nowNanos) {
    if (perSecond <= 0 || toleranceNanos < 0) {
      throw new IllegalArgumentException(
          "%d a second, tolerance %d ns".formatted(perSecond, toleranceNanos));
    }
    nanosPerUnit = NANOS_PER_SECOND / perSecond;
    this.toleranceNanos = toleranceNanos;
    paidUntilNanos = new AtomicLong(nowNanos);
  }

  /** One whose tolerance is so many units at once: as long as less is owed, requests go ahead. */
  public static RateCell ofBurst(long perSecond, long burst, long nowNanos) {
    double nanos = burst * NANOS_PER_SECOND / Math.max(1, perSecond);
    long toleranceNanos = Math.clamp((long) nanos - 1, 0, MAX_COST_NANOS);
    return new RateCell(perSecond, toleranceNanos, nowNanos);
  }

  /**
   * Admits a request of {@code units}, be it that it has to wait.
   *
   * @return how many nanoseconds it must wait, 0 for none
   */
  public long admit(long units, long nowNanos) {
    long cost = (long) Math.min(units * nanosPerUnit, MAX_COST_NANOS);
    while (true) {
      long paidUntil = paidUntilNanos.get();
      long debt = Math.max(0, paidUntil - nowNanos);
      if (debt > MAX_COST_NANOS) {
        return debt - toleranceNanos;
      }
      if (paidUntilNanos.compareAndSet(paidUntil, nowNanos + debt + cost)) {
        return Math.max(0, debt - toleranceNanos);
      }
    }
  }

  /** How long until a request would be admitted without waiting; 0 if it would be now. */
  public long nanosUntilReady(long nowNanos) {
    return Math.max(0, paidUntilNanos.get() - nowNanos - toleranceNanos);
  }
}
