package org.maloca.core.time;

import java.util.function.LongSupplier;

/**
 * The guest's time-stamp counter as a function of the machine's time: constant rate, invariant, at
 * 0 when the machine was first started, plus an offset that the guest's writes to the counter move
 * (Intel SDM vol. 3, 19.17). Safe for any thread as far as the offset's supplier is.
 */
public final class TscClock {
  private final VirtualClock clock;
  private final Frequency frequency;
  private final LongSupplier offset;

  /** Makes a counter without an offset. */
  public TscClock(VirtualClock clock, long frequencyHz) {
    this(clock, frequencyHz, () -> 0);
  }

  /**
   * Makes a counter.
   *
   * @param frequencyHz ticks a second
   * @param offset what to add, in ticks; asked at every call
   */
  public TscClock(VirtualClock clock, long frequencyHz, LongSupplier offset) {
    this.clock = clock;
    this.frequency = new Frequency(frequencyHz);
    this.offset = offset;
  }

  public long frequencyHz() {
    return frequency.hertz();
  }

  /** The counter now, as an unsigned number. */
  public long tscNow() {
    return frequency.ticksAt(clock.nanos()) + offset.getAsLong();
  }

  /**
   * Nanoseconds until the counter reaches a value: 0 when it has, and at most a quarter of the
   * range of {@code long}.
   */
  public long nanosUntil(long tsc) {
    long nowNanos = clock.nanos();
    long ticks = frequency.ticksAt(nowNanos);
    long now = ticks + offset.getAsLong();
    if (Long.compareUnsigned(tsc, now) <= 0) {
      return 0;
    }
    long target = ticks + (tsc - now);
    if (target < 0 || tsc - now < 0) {
      return Long.MAX_VALUE / 4;
    }
    return frequency.nanosAt(target) - nowNanos;
  }
}
