package org.maloca.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SequenceRangesTest {
  @Test
  void holdsWhatABitSetHoldsAcrossTheWrapOfNumbers() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 2000; round++) {
      SequenceRanges ranges = new SequenceRanges();
      BitSet model = new BitSet();
      int origin = -100;
      for (int i = 0; i < 12; i++) {
        int from = random.nextInt(200);
        int to = from + 1 + random.nextInt(30);
        assertTrue(ranges.add(origin + from, origin + to));
        model.set(from, to);
      }
      int cut = random.nextInt(200);
      ranges.removeBefore(origin + cut);
      model.clear(0, cut);
      assertEquals(model.cardinality(), ranges.bytes());
      for (int i = 0; i < 240; i++) {
        assertEquals(model.get(i), ranges.indexOf(origin + i) >= 0);
      }
    }
  }

  @Test
  void refusesMoreRangesThanItHolds() {
    SequenceRanges ranges = new SequenceRanges();
    for (int i = 0; i < SequenceRanges.MAX; i++) {
      assertTrue(ranges.add(i * 10, i * 10 + 5));
    }

    assertFalse(ranges.add(1000, 1001));
    assertTrue(ranges.add(5, 10));
    assertEquals(SequenceRanges.MAX - 1, ranges.count());
  }
}
