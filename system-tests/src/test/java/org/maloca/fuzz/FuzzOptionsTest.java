package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FuzzOptionsTest {
  @Test
  void readsCasesSeedAndEngine() {
    var options =
        FuzzOptions.parse(new String[] {"--cases", "77", "--seed", "9", "--engine", "silicon"});

    assertEquals(77, options.cases());
    assertEquals(9, options.seed());
    assertEquals("silicon", options.engine());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--unknown", "--cases", "--kind", "--sets"})
  void refusesWhatItDoesNotKnow(String argument) {
    assertThrows(IllegalArgumentException.class, () -> FuzzOptions.parse(new String[] {argument}));
  }
}
