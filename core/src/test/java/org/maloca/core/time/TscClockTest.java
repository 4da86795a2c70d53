package org.maloca.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TscClockTest {
  private static final long YEAR_NANOS = 365L * 86_400 * 1_000_000_000;

  private final ManualClock clock = new ManualClock();

  @Test
  void frequencyIsExactAfterYears() {
    Frequency frequency = new Frequency(3_579_545);

    assertEquals(10 * 365L * 86_400 * 3_579_545, frequency.ticksAt(10 * YEAR_NANOS));
  }

  @Test
  void nanosAtIsTheFirstNanosecondOfTheTick() {
    Frequency frequency = Frequency.PIT;
    long tick = 123_456_789_123L;

    long nanos = frequency.nanosAt(tick);

    assertEquals(tick, frequency.ticksAt(nanos));
    assertEquals(tick - 1, frequency.ticksAt(nanos - 1));
  }

  @Test
  void frequencyRefusesWhatWouldOverflow() {
    assertThrows(IllegalArgumentException.class, () -> new Frequency(9_000_000_001L));
    assertThrows(IllegalArgumentException.class, () -> new Frequency(0));
  }

  @Test
  void counterRunsAtItsFrequencyPlusOffset() {
    AtomicLong offset = new AtomicLong(1000);
    TscClock tsc = new TscClock(clock, 2_500_000_000L, offset::get);

    clock.advance(4);

    assertEquals(1010, tsc.tscNow());
    assertEquals(0, tsc.nanosUntil(1010));
    assertEquals(1, tsc.nanosUntil(1011));
    assertEquals(1, tsc.nanosUntil(1012));
    assertEquals(2, tsc.nanosUntil(1013));
  }

  @Test
  void hugeDeadlinesSaturate() {
    TscClock tsc = new TscClock(clock, 1_000_000_000);

    assertEquals(Long.MAX_VALUE / 4, tsc.nanosUntil(-1));
    assertEquals(Long.MAX_VALUE / 4, tsc.nanosUntil(Long.MAX_VALUE));
  }

  @Test
  void deadlineIsReachedWithAnOffsetBelowZero() {
    TscClock tsc = new TscClock(clock, 1_000_000_000, () -> -500);

    clock.advance(600);

    assertEquals(100, tsc.tscNow());
    assertEquals(0, tsc.nanosUntil(100));
    assertEquals(150, tsc.nanosUntil(250));
  }
}
