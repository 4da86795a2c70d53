package org.maloca.devices.pit;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * One counter of an 8254, in all six modes, as a function of time: nothing happens between
 * accesses, and the output and count at a tick follow from when the counter was started (Intel 8254
 * data sheet, 231164). Time is in ticks of the counter's clock and never goes back. Not
 * thread-safe.
 */
final class PitChannel {
  static final long NEVER = Long.MAX_VALUE;

  private static final int LOW_BYTE = 1;
  private static final int HIGH_BYTE = 2;
  private static final int LOW_THEN_HIGH = 3;

  private static final int STATUS_OUT = 0x80;
  private static final int STATUS_NULL_COUNT = 0x40;
  private static final int NOTHING = -1;

  private final boolean initialGate;

  private int control = LOW_THEN_HIGH << 4 | 3 << 1;
  private boolean gate;
  private int loaded;
  private int next = NOTHING;
  private boolean isStarted;
  private boolean isHeld;
  private long startTick;
  private long heldElapsed;
  private long reloadTick;
  private int writtenLow = NOTHING;
  private int latchedCount = NOTHING;
  private int latchedStatus = NOTHING;
  private boolean readsHighNext;

  PitChannel(boolean gate) {
    initialGate = gate;
    this.gate = gate;
  }

  void reset() {
    control = LOW_THEN_HIGH << 4 | 3 << 1;
    gate = initialGate;
    loaded = 0;
    startTick = 0;
    stop();
  }

  private void stop() {
    next = NOTHING;
    isStarted = false;
    isHeld = false;
    heldElapsed = 0;
    writtenLow = NOTHING;
    latchedCount = NOTHING;
    latchedStatus = NOTHING;
    readsHighNext = false;
  }

  int mode() {
    int mode = control >> 1 & 7;
    return mode > 5 ? mode & 3 : mode;
  }

  private boolean isBcd() {
    return (control & 1) != 0;
  }

  private int accessMode() {
    return control >> 4 & 3;
  }

  boolean isPeriodic() {
    return mode() == 2 || mode() == 3;
  }

  /** Modes 1 and 5 start by a rising gate, not by a count. */
  private boolean isTriggered() {
    return mode() == 1 || mode() == 5;
  }

  private int modulus() {
    return isBcd() ? 10_000 : 0x10000;
  }

  /** The period or delay in ticks: 1..65536. */
  int periodTicks() {
    return loaded == 0 ? modulus() : loaded;
  }

  private long elapsed(long tick) {
    return isHeld ? heldElapsed : Math.max(0, tick - startTick);
  }

  /** Takes over a new count of a periodic mode once the old one has run out. */
  void advance(long tick) {
    boolean isPending = next != NOTHING && isPeriodic() && isStarted && !isHeld;
    if (isPending && reloadTick <= tick) {
      loaded = next;
      next = NOTHING;
      startTick = reloadTick;
    }
  }

  /** The output pin. */
  boolean out(long tick) {
    advance(tick);
    if (!isStarted) {
      return mode() != 0;
    }
    long elapsed = elapsed(tick);
    int period = periodTicks();
    return switch (mode()) {
      case 0, 1 -> elapsed >= period;
      case 2 -> isHeld || elapsed % period != period - 1;
      case 3 -> isHeld || elapsed % period < period + 1 >> 1;
      default -> elapsed != period;
    };
  }

  /** The first tick after {@code tick} at which the output rises, or {@link #NEVER}. */
  long nextRise(long tick) {
    advance(tick);
    if (!isStarted || isHeld) {
      return NEVER;
    }
    int period = periodTicks();
    long rise =
        switch (mode()) {
          case 0, 1 -> startTick + period;
          case 2, 3 -> nextPeriod(tick, period);
          default -> startTick + period + 1;
        };
    return rise > tick ? rise : NEVER;
  }

  private long nextPeriod(long tick, int period) {
    // With a count of 1 the output of modes 2 and 3 does not move.
    return period == 1 ? NEVER : startTick + (elapsed(tick) / period + 1) * period;
  }

  /** The counting element as it is read, in binary. */
  private int binaryCount(long tick) {
    advance(tick);
    int modulus = modulus();
    int period = periodTicks();
    if (!isStarted) {
      return loaded;
    }
    long elapsed = elapsed(tick);
    long count =
        switch (mode()) {
          case 2 -> period - elapsed % period;
          case 3 -> squareWaveCount(elapsed % period, period);
          default -> Math.floorMod(period - elapsed, (long) modulus);
        };
    return (int) (count % modulus);
  }

  private static long squareWaveCount(long phase, int period) {
    int half = period + 1 >> 1;
    return Math.max(0, (period & ~1) - 2 * (phase < half ? phase : phase - half));
  }

  private int count(long tick) {
    int count = binaryCount(tick);
    return isBcd() ? toBcd(count) : count;
  }

  private static int toBcd(int value) {
    return value / 1000 % 10 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
  }

  private static int fromBcd(int value) {
    // Digits above 9 count as they stand, which is as good as any answer to nonsense.
    int digits = (value >> 12) * 1000 + (value >> 8 & 15) * 100 + (value >> 4 & 15) * 10;
    return (digits + (value & 15)) % 10_000;
  }

  /** A control word with an access mode: the counter stops and awaits a count. */
  void program(int word) {
    control = word & 0x3f;
    stop();
  }

  void latchCount(long tick) {
    if (latchedCount == NOTHING) {
      latchedCount = count(tick);
    }
  }

  void latchStatus(long tick) {
    if (latchedStatus == NOTHING) {
      boolean isNull = next != NOTHING || !isStarted && !isTriggered();
      latchedStatus = control | (out(tick) ? STATUS_OUT : 0) | (isNull ? STATUS_NULL_COUNT : 0);
    }
  }

  int read(long tick) {
    if (latchedStatus != NOTHING) {
      int status = latchedStatus;
      latchedStatus = NOTHING;
      return status;
    }
    int count = latchedCount != NOTHING ? latchedCount : count(tick);
    boolean readsHigh = accessMode() == HIGH_BYTE || readsHighNext;
    readsHighNext = accessMode() == LOW_THEN_HIGH && !readsHighNext;
    if (!readsHighNext) {
      latchedCount = NOTHING;
    }
    return readsHigh ? count >> 8 : count & 0xff;
  }

  void write(int value, long tick) {
    switch (accessMode()) {
      case LOW_BYTE -> load(value, tick);
      case HIGH_BYTE -> load(value << 8, tick);
      default -> writeHalf(value, tick);
    }
  }

  private void writeHalf(int value, long tick) {
    if (writtenLow == NOTHING) {
      writtenLow = value;
      if (mode() == 0) {
        isStarted = false;
      }
    } else {
      int count = value << 8 | writtenLow;
      writtenLow = NOTHING;
      load(count, tick);
    }
  }

  private void load(int value, long tick) {
    int count = isBcd() ? fromBcd(value) : value;
    advance(tick);
    if (isTriggered()) {
      // The counter goes on with the old count until the next trigger.
      next = count;
    } else if (isPeriodic() && isStarted && !isHeld) {
      next = count;
      reloadTick = startTick + (elapsed(tick) / periodTicks() + 1) * periodTicks();
    } else {
      loaded = count;
      start(tick);
      if (!gate) {
        hold(tick);
      }
    }
  }

  private void start(long tick) {
    isStarted = true;
    isHeld = false;
    startTick = tick + 1;
  }

  private void hold(long tick) {
    heldElapsed = elapsed(tick);
    isHeld = true;
  }

  boolean gate() {
    return gate;
  }

  void setGate(boolean level, long tick) {
    if (level == gate) {
      return;
    }
    advance(tick);
    gate = level;
    if (isTriggered()) {
      if (level) {
        trigger(tick);
      }
    } else if (isStarted) {
      gateCounting(level, tick);
    }
  }

  private void trigger(long tick) {
    if (next != NOTHING) {
      loaded = next;
      next = NOTHING;
    }
    start(tick);
  }

  private void gateCounting(boolean level, long tick) {
    if (!level) {
      hold(tick);
    } else if (isPeriodic()) {
      trigger(tick);
    } else {
      isHeld = false;
      startTick = tick - heldElapsed;
    }
  }

  /** Saves with times relative to {@code tick}. */
  void save(SnapshotWriter.Section section, long tick) {
    section.put(control).put(gate).put(loaded).put(next).put(isStarted).put(isHeld);
    section.put(tick - startTick).put(heldElapsed).put(tick - reloadTick);
    section.put(writtenLow).put(latchedCount).put(latchedStatus).put(readsHighNext);
  }

  void restore(SnapshotReader.Section section, long tick) {
    control = section.getInt() & 0x3f;
    gate = section.getBoolean();
    loaded = section.getInt() & 0xffff;
    next = section.getInt();
    isStarted = section.getBoolean();
    isHeld = section.getBoolean();
    startTick = tick - section.getLong();
    heldElapsed = section.getLong();
    reloadTick = tick - section.getLong();
    writtenLow = section.getInt();
    latchedCount = section.getInt();
    latchedStatus = section.getInt();
    readsHighNext = section.getBoolean();
  }
}
