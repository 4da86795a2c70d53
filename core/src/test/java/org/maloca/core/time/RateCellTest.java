package org.maloca.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class RateCellTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void lets_a_burst_through_and_keeps_the_rate_over_time() {
    RateCell cell = RateCell.ofBurst(100, 10, 0);
    long waits = 0;
    for (int i = 0; i < 10; i++) {
      waits += cell.admit(1, 0);
    }
    assertEquals(0, waits);
    assertEquals(1, cell.nanosUntilReady(0));

    // 90 more, each waiting for its turn, are done when 0.9 s have passed.
    long now = 0;
    for (int i = 0; i < 90; i++) {
      now += cell.admit(1, now);
    }
    assertEquals(0.89, now / (double) SECOND, 1e-6);
  }

  @Test
  void admits_a_request_larger_than_the_burst_and_makes_those_behind_it_pay() {
    RateCell cell = RateCell.ofBurst(1000, 1, 0);

    assertEquals(0, cell.admit(5000, 0));

    assertEquals(5 * SECOND - SECOND / 1000 + 1, cell.nanosUntilReady(0));
    assertEquals(0, cell.nanosUntilReady(5 * SECOND));
  }

  @Test
  void does_not_save_more_than_the_burst() {
    RateCell cell = RateCell.ofBurst(100, 1, 0);

    assertEquals(0, cell.admit(1, 1000 * SECOND));

    assertEquals(1, cell.nanosUntilReady(1000 * SECOND));
  }

  @Test
  void refuses_senseless_limits() {
    assertThrows(IllegalArgumentException.class, () -> new RateCell(0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new RateCell(1, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> RateCell.ofBurst(0, 1, 0));
  }
}
