package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class UseCountsTest {
  private static final long LAST = (1L << 31) - 1;

  private final UseCounts counts = new UseCounts();

  @Test
  void goesFromOneClusterInUseToTheNext() {
    counts.add(5, 1);
    counts.add(6, 2);
    counts.add(LAST, 1);

    assertEquals(5, counts.next(0, counts.end()));
    assertEquals(6, counts.next(6, counts.end()));
    assertEquals(7, counts.next(7, 7));
    assertEquals(4097, counts.next(7, 4097));
    assertEquals(LAST, counts.next(7, counts.end()));
    assertEquals(LAST + 1, counts.next(LAST + 1, LAST + 1));
    assertEquals(LAST + 70, counts.next(LAST + 1, LAST + 70));
  }

  /** By way of each cluster it would take hours. */
  @Test
  void passesWhatIsNotInUse() {
    counts.add(LAST, 1);

    long sum = 0;
    for (int i = 0; i < 1000; i++) {
      sum += counts.next(i, counts.end());
    }

    assertEquals(1000 * LAST, sum);
  }
}
