package org.maloca.core.time;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VirtualClock} that moves only when told, for tests and deterministic runs. Timers fire
 * inside {@link #advance}, on its thread, in order, each seeing its own deadline as the time.
 */
public final class ManualClock implements VirtualClock {
  private final List<ManualTimer> timers = new ArrayList<>();
  private final Instant start;
  private long now;

  public ManualClock() {
    this(Instant.EPOCH);
  }

  /** Makes a clock at 0 whose wall clock starts at {@code start}. */
  public ManualClock(Instant start) {
    this.start = start;
  }

  @Override
  public synchronized long nanos() {
    return now;
  }

  @Override
  public synchronized Instant wallClock() {
    return start.plusNanos(now);
  }

  @Override
  public synchronized Timer newTimer(Runnable action) {
    ManualTimer timer = new ManualTimer(action);
    timers.add(timer);
    return timer;
  }

  /** Moves on by that many nanoseconds, firing what falls due. */
  public void advance(long deltaNanos) {
    long target = nanos() + deltaNanos;
    for (ManualTimer due = nextDue(target); due != null; due = nextDue(target)) {
      due.action.run();
    }
    synchronized (this) {
      now = target;
    }
  }

  private synchronized @Nullable ManualTimer nextDue(long target) {
    ManualTimer first = null;
    for (ManualTimer timer : timers) {
      if (timer.isArmed
          && timer.deadlineNanos <= target
          && (first == null || timer.deadlineNanos < first.deadlineNanos)) {
        first = timer;
      }
    }
    if (first != null) {
      first.isArmed = false;
      now = Math.max(now, first.deadlineNanos);
    }
    return first;
  }

  private final class ManualTimer implements Timer {
    private final Runnable action;
    private long deadlineNanos;
    private boolean isArmed;

    ManualTimer(Runnable action) {
      this.action = action;
    }

    @Override
    public void arm(long deadline) {
      synchronized (ManualClock.this) {
        deadlineNanos = deadline;
        isArmed = true;
      }
    }

    @Override
    public void cancel() {
      synchronized (ManualClock.this) {
        isArmed = false;
      }
    }
  }
}
