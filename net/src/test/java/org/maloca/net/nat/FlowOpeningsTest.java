package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FlowOpeningsTest {
  private final FlowOpenings openings = new FlowOpenings();

  private int admitted(int asked, boolean isFull, long nowNanos) {
    int count = 0;
    for (int i = 0; i < asked; i++) {
      count += openings.admit(1, isFull, nowNanos) ? 1 : 0;
    }
    return count;
  }

  @Test
  void aMachineWithoutRoomGetsFewerThanOneThatHas() {
    assertEquals(FlowOpenings.RECYCLED_AT_ONCE, admitted(10_000, true, 0));
    assertEquals(FlowOpenings.AT_ONCE - FlowOpenings.RECYCLED_AT_ONCE, admitted(10_000, false, 0));

    openings.forget(1);
    assertTrue(openings.admit(1, true, 0));
  }
}
