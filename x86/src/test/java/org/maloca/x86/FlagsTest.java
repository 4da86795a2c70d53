package org.maloca.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kinds of lazy flags that keep operands tell the same as those that keep the result. */
class FlagsTest {
  private static final int PAIRS = 2000;
  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);

  /** Numbers with equal ones, neighbours and extremes among them, and junk above any size. */
  private long number() {
    long any = random.nextLong();
    return switch (random.nextInt(4)) {
      case 0 -> any & ~0xffL | random.nextInt(3);
      case 1 -> any << 63 - random.nextInt(64);
      case 2 -> random.nextInt(3) - 1;
      default -> any;
    };
  }

  private static void assertSame(int kind, long result, int asKind, long asResult, long source) {
    assertEquals(
        Flags.compute(asKind, asResult, source), Flags.compute(kind, result, source), "all");
    for (int condition = 0; condition < 16; condition++) {
      assertEquals(
          Flags.condition(condition, asKind, asResult, source),
          Flags.condition(condition, kind, result, source),
          "condition " + condition);
    }
    int overlaid = Flags.OVERLAYS_CF | Flags.OVERLAY_CF;
    assertEquals(
        Flags.compute(asKind | overlaid, asResult, source),
        Flags.compute(kind | overlaid, result, source),
        "with another CF");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aComparisonSetsWhatASubtractionSets(int log2Size) {
    for (int i = 0; i < PAIRS; i++) {
      long a = number();
      long b = number();
      assertSame(Flags.COMPARE | log2Size, a, Flags.SUB | log2Size, a - b, b);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aTestSetsWhatAnAndSets(int log2Size) {
    for (int i = 0; i < PAIRS; i++) {
      long a = number();
      long b = number();
      assertSame(Flags.TEST | log2Size, a, Flags.LOGIC | log2Size, a & b, b);
    }
  }
}
