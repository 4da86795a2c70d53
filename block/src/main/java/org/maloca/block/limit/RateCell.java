package org.maloca.block.limit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One limit, kept by the generic cell rate algorithm (ITU-T I.371, annex A): the only state is the
 * time up to which everything admitted so far is paid for. A request goes ahead when that time is
 * no further off than the tolerance, and moves it on by what it costs; so a request may be larger
 * than the tolerance, and those behind it wait the longer.
 *
 * <p>Safe for several threads, without locks and allocations.
 */
final class RateCell {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long MAX_COST_NANOS = Long.MAX_VALUE / 4;

  private final double nanosPerUnit;
  private final long toleranceNanos;
  private final AtomicLong paidUntilNanos;

  RateCell(long perSecond, long toleranceNanos, long nowNanos) {
    nanosPerUnit = NANOS_PER_SECOND / perSecond;
    this.toleranceNanos = toleranceNanos;
    paidUntilNanos = new AtomicLong(nowNanos);
  }

  /**
   * Admits a request of {@code units}.
   *
   * @return how many nanoseconds it must wait, 0 for none
   */
  long admit(long units, long nowNanos) {
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
}
