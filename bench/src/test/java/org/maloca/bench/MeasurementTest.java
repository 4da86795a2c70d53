package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

final class MeasurementTest {
  @Test
  void readsTheRoundsOfARow() {
    Measurement read = Measurement.parse("row fib 0123abcd 1500000000 250000000 125000000");

    assertEquals("fib", read.name());
    assertEquals("0123abcd", read.checksum());
    assertArrayEquals(new double[] {1.5, 0.25, 0.125}, read.roundSeconds());
    assertEquals(1.875, read.wholeSeconds());
    assertEquals(0.125, read.warmSeconds());
  }

  @Test
  void readsTheNameOfARowThatBegins() {
    assertEquals("memcpy-4k", Measurement.begun("begin memcpy-4k"));
    assertNull(Measurement.begun("the begin x"));
  }

  @Test
  void takesNoOtherLineForARow() {
    assertNull(Measurement.parse("[    1.234567] row of 3 pages 1 2 3"));
    assertNull(Measurement.parse("row fib 0123abcd"));
    assertNull(Measurement.parse("row fib 0123abcd 12x4"));
    assertNull(Measurement.parse("row fib 0123abcd 12345678901234567890"));
    assertNull(Measurement.parse("begin fib"));
  }
}
