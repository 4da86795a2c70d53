package org.maloca.block.file;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SlowWritesTest {
  private static final long MILLI = 1_000_000;

  /** Times may be near to where they overflow. */
  private static final long START = Long.MAX_VALUE - 1500 * MILLI;

  private final SlowWrites writes = new SlowWrites(START);

  private void write(long atMillis, long millis) {
    writes.took(START + atMillis * MILLI, START + (atMillis + millis) * MILLI);
  }

  private boolean areExpected(long atMillis) {
    return writes.areExpected(START + atMillis * MILLI);
  }

  @Test
  void one_slow_write_may_be_the_fault_of_others() {
    write(1, 50);

    assertFalse(areExpected(51));
  }

  @Test
  void two_slow_writes_are_the_disk_s() {
    write(1, 50);
    write(52, 1);
    write(500, 21);

    assertTrue(areExpected(521));
    assertTrue(areExpected(1520));
    assertFalse(areExpected(1521));
  }

  @Test
  void slow_writes_far_apart_are_single_ones() {
    write(1, 50);
    write(1051, 50);

    assertFalse(areExpected(1102));
  }

  @Test
  void writes_into_the_page_cache_are_quick() {
    write(1, 20);
    write(22, 20);

    assertFalse(areExpected(43));
  }
}
