package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The mask arithmetic against the manual's definition, element pair by element pair. */
class StringCompareTest {
  static IntStream controls() {
    return IntStream.range(0, 64);
  }

  private static int element(long low, long high, int i, int control) {
    boolean words = (control & 1) != 0;
    int bits = words ? 16 : 8;
    int shift = bits * i;
    long value = (shift < 64 ? low : high) >>> (shift & 63);
    boolean signed = (control & 2) != 0;
    if (words) {
      return signed ? (short) value : (int) value & 0xffff;
    }
    return signed ? (byte) value : (int) value & 0xff;
  }

  /** BoolRes[i, j] with overrides for elements beyond the strings' ends. */
  private static boolean pair(
      long[] a, int aLength, long[] b, int bLength, int i, int j, int control) {
    int x = element(a[0], a[1], i, control);
    int y = element(b[0], b[1], j, control);
    boolean aValid = i < aLength;
    boolean bValid = j < bLength;
    boolean ranges = (control >> 2 & 3) == 1;
    boolean holds = ranges ? (i & 1) == 0 ? y >= x : y <= x : x == y;
    return switch (control >> 2 & 3) {
      case 0, 1 -> aValid && bValid && holds;
      case 2 -> aValid ? bValid && holds : !bValid;
      default -> !aValid || bValid && holds;
    };
  }

  private static int straightforward(long[] a, int aLength, long[] b, int bLength, int control) {
    int n = (control & 1) != 0 ? 8 : 16;
    int result = 0;
    for (int j = 0; j < n; j++) {
      int last = j;
      boolean bit =
          switch (control >> 2 & 3) {
            case 0 ->
                IntStream.range(0, n).anyMatch(i -> pair(a, aLength, b, bLength, i, last, control));
            case 1 ->
                IntStream.range(0, n / 2)
                    .anyMatch(i ->
                        pair(a, aLength, b, bLength, 2 * i, last, control)
                            && pair(a, aLength, b, bLength, 2 * i + 1, last, control));
            case 2 -> pair(a, aLength, b, bLength, j, j, control);
            default ->
                IntStream.range(0, n - j)
                    .allMatch(i -> pair(a, aLength, b, bLength, i, last + i, control));
          };
      boolean negated =
          switch (control >> 4 & 3) {
            case 1 -> true;
            case 3 -> j < bLength;
            default -> false;
          };
      result |= (bit ^ negated ? 1 : 0) << j;
    }
    return result;
  }

  @ParameterizedTest
  @MethodSource("controls")
  void agreesWithTheDefinition(int control) {
    Random random = new Random(control);
    long few = 0x8303_0303_0303_0383L;
    int n = StringCompare.elements(control);
    for (int round = 0; round < 300; round++) {
      long[] a = {random.nextLong() & few, random.nextLong() & few};
      long[] b = {random.nextLong() & few, random.nextLong() & few};
      int aLength = random.nextInt(n + 1);
      int bLength = random.nextInt(n + 1);
      assertEquals(
          straightforward(a, aLength, b, bLength, control),
          StringCompare.compare(a[0], a[1], aLength, b[0], b[1], bLength, control));
    }
  }
}
