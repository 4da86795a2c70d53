package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FlowOpeningsTest {
  private static final long SECOND = 1_000_000_000L;

  private final FlowOpenings openings = new FlowOpenings();

  private int admitted(int port, int asked, long nowNanos) {
    int count = 0;
    for (int i = 0; i < asked; i++) {
      count += openings.admit(port, nowNanos) ? 1 : 0;
    }
    return count;
  }

  @Test
  void aBurstGoesAheadAndThenSoManyASecond() {
    assertEquals(FlowOpenings.BURST, admitted(1, 10_000, -5));
    assertEquals(0, admitted(1, 100, -5));

    assertEquals(FlowOpenings.PER_SECOND / 10, admitted(1, 10_000, -5 + SECOND / 10), 1);
  }

  @Test
  void aMachineThatFloodsLeavesOthersTheirs() {
    admitted(1, 10_000, 0);

    assertTrue(openings.admit(2, 0));
    openings.forget(1);
    assertTrue(openings.admit(1, 0));
  }
}
