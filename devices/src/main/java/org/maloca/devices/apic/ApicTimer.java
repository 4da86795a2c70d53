package org.maloca.devices.apic;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.TscClock;
import org.maloca.core.time.VirtualClock;

/**
 * The timer of a local APIC: one-shot, periodic and TSC-deadline (Intel SDM vol. 3, 12.5.4). The
 * bus clock ticks once a nanosecond. Periods lie on a grid from the start, so late expiry does not
 * add up; expiries that were missed are one. The owner's lock guards it.
 */
final class ApicTimer {
  static final int ONE_SHOT = 0;
  static final int PERIODIC = 1;
  static final int TSC_DEADLINE = 2;

  /** No periodic timer fires more often, so that no guest can keep the clock's thread busy. */
  static final long MIN_PERIOD_NANOS = 50_000;

  private static final long NEVER = -1;

  private final VirtualClock clock;
  private final TscClock tsc;
  private final VirtualClock.Timer alarm;
  private int mode;
  private int initialCount;
  private int divideConfiguration;
  private long startNanos;
  private long deadlineNanos = NEVER;
  private long tscDeadline;

  /**
   * Makes a timer.
   *
   * @param alarmed run on the clock's thread; it takes the owner's lock and asks {@link #expire}
   */
  ApicTimer(VirtualClock clock, TscClock tsc, Runnable alarmed) {
    this.clock = clock;
    this.tsc = tsc;
    this.alarm = clock.newTimer(alarmed);
  }

  void reset() {
    mode = ONE_SHOT;
    initialCount = 0;
    divideConfiguration = 0;
    tscDeadline = 0;
    disarm();
  }

  private void disarm() {
    if (deadlineNanos != NEVER) {
      deadlineNanos = NEVER;
      alarm.cancel();
    }
  }

  private void arm(long nanos) {
    deadlineNanos = nanos;
    alarm.arm(nanos);
  }

  private long count() {
    return Integer.toUnsignedLong(initialCount);
  }

  /** Nanoseconds a count. */
  private long divisor() {
    int code = divideConfiguration & 3 | divideConfiguration >> 1 & 4;
    return 1L << (code + 1 & 7);
  }

  private long periodNanos() {
    return count() * divisor();
  }

  /** Whether the timer has just come to its end; arms it for the next period. */
  boolean expire() {
    if (deadlineNanos == NEVER) {
      return false;
    }
    long now = clock.nanos();
    if (now < deadlineNanos) {
      alarm.arm(deadlineNanos);
      return false;
    }
    if (mode == PERIODIC) {
      long period = periodNanos();
      long earliest = period >= MIN_PERIOD_NANOS ? now + 1 : now + MIN_PERIOD_NANOS;
      arm(startNanos + Math.ceilDiv(earliest - startNanos, period) * period);
    } else {
      deadlineNanos = NEVER;
      tscDeadline = 0;
    }
    return true;
  }

  /** Follows bits 18:17 of the LVT entry; 3 is reserved and stops the timer. */
  void setMode(int newMode) {
    if (newMode == mode) {
      return;
    }
    boolean counts = mode <= PERIODIC && newMode <= PERIODIC;
    if (!counts) {
      mode = newMode;
      tscDeadline = 0;
      initialCount = newMode == TSC_DEADLINE ? 0 : initialCount;
      disarm();
      return;
    }
    long current = currentTicks();
    mode = newMode;
    runFrom(current);
  }

  /** Goes on with the current count under a new mode or divisor. */
  private void runFrom(long current) {
    if (deadlineNanos != NEVER) {
      startNanos = clock.nanos() - (count() - current) * divisor();
      arm(startNanos + periodNanos());
    }
  }

  int initialCount() {
    return initialCount;
  }

  void setInitialCount(int value) {
    if (mode == TSC_DEADLINE) {
      return;
    }
    initialCount = value;
    if (value == 0) {
      disarm();
    } else {
      startNanos = clock.nanos();
      arm(startNanos + periodNanos());
    }
  }

  int currentCount() {
    return (int) currentTicks();
  }

  private long currentTicks() {
    if (deadlineNanos == NEVER || mode == TSC_DEADLINE || initialCount == 0) {
      return 0;
    }
    long elapsed = (clock.nanos() - startNanos) / divisor();
    return mode == PERIODIC ? count() - elapsed % count() : Math.max(0, count() - elapsed);
  }

  int divideConfiguration() {
    return divideConfiguration;
  }

  void setDivideConfiguration(int value) {
    long current = currentTicks();
    divideConfiguration = value & 0xb;
    if (mode != TSC_DEADLINE) {
      runFrom(current);
    }
  }

  /** IA32_TSC_DEADLINE: 0 when disarmed or in another mode. */
  long tscDeadline() {
    return tscDeadline;
  }

  void setTscDeadline(long value) {
    if (mode != TSC_DEADLINE) {
      return;
    }
    tscDeadline = value;
    if (value == 0) {
      disarm();
    } else {
      arm(clock.nanos() + tsc.nanosUntil(value));
    }
  }

  void save(SnapshotWriter.Section section) {
    long now = clock.nanos();
    boolean isArmed = deadlineNanos != NEVER;
    section.put(mode).put(initialCount).put(divideConfiguration).put(tscDeadline);
    section.put(now - startNanos).put(isArmed).put(isArmed ? deadlineNanos - now : 0);
  }

  void restore(SnapshotReader.Section section) {
    disarm();
    long now = clock.nanos();
    mode = section.getInt() & 3;
    initialCount = section.getInt();
    divideConfiguration = section.getInt() & 0xb;
    tscDeadline = section.getLong();
    startNanos = now - section.getLong();
    boolean isArmed = section.getBoolean();
    long remaining = section.getLong();
    if (isArmed && (mode == TSC_DEADLINE || initialCount != 0)) {
      arm(now + remaining);
    }
  }
}
