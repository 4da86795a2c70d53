package org.maloca.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SamplesTest {
  private static Samples of(double... values) {
    Samples samples = new Samples();
    for (double value : values) {
      samples.add(value);
    }
    return samples;
  }

  @Test
  void medianIsTheMiddleOrBetweenTheMiddleTwo() {
    assertEquals(2, of(9, 1, 2).median());
    assertEquals(3, of(9, 1, 4, 2).median());
    assertTrue(Double.isNaN(of().median()));
  }

  @Test
  void geometricMeanMultiplies() {
    assertEquals(4, of(2, 8).geometricMean(), 1e-12);
    assertTrue(Double.isNaN(of().geometricMean()));
  }

  @Test
  void summaryShowsTheSpread() {
    assertEquals("2.0 (1.0 to 9.0)", of(9, 1, 2).summary(1));
    assertEquals("1.50", of(1.5).summary(2));
    assertEquals("-", of().summary(2));
  }
}
