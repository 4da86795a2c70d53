package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LandingTest {
  @ParameterizedTest
  @CsvSource({"0, 0, 0", "4095, 106, 63", "-8192, 127, 65535", "2147483647, 32767, 1"})
  void givesBackWhatItWasMadeOf(int entryOffset, int mode, int entry) {
    long landing = Landing.of(entryOffset, mode, entry);

    for (long one : new long[] {landing, Landing.leadingBack(landing)}) {
      assertEquals(entryOffset, Landing.entryOffset(one));
      assertEquals(mode, Landing.mode(one));
      assertEquals(entry, Landing.entry(one));
    }
    assertFalse(Landing.leadsBack(landing));
    assertTrue(Landing.leadsBack(Landing.leadingBack(landing)));
  }
}
