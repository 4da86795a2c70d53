package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PortRatesTest {
  private static final long SECOND = 1_000_000_000L;

  private static final int PER_SECOND = 8000;
  private static final int BURST = 2048;

  private final PortRates rates = new PortRates(PER_SECOND, BURST);

  private int admitted(int port, int asked, long nowNanos) {
    int count = 0;
    for (int i = 0; i < asked; i++) {
      count += rates.admit(port, nowNanos) ? 1 : 0;
    }
    return count;
  }

  @Test
  void aBurstGoesAheadAndThenSoManyASecond() {
    assertEquals(BURST, admitted(1, 10_000, -5));
    assertEquals(0, admitted(1, 100, -5));

    assertEquals(PER_SECOND / 10, admitted(1, 10_000, -5 + SECOND / 10), 1);
  }

  @Test
  void aMachineThatFloodsLeavesOthersTheirs() {
    admitted(1, 10_000, 0);

    assertTrue(rates.admit(2, 0));
    rates.forget(1);
    assertTrue(rates.admit(1, 0));
  }
}
