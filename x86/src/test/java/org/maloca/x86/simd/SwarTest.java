package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arithmetic on all lanes at once against the same on one lane after the other. */
class SwarTest {
  private static final int ROUNDS = 2000;

  private static void compare(
      int width, LongBinaryOperator lanes, LongBinaryOperator signed, long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      long a = random.nextLong() ^ random.nextLong() >> random.nextInt(64);
      long b = random.nextLong() & random.nextLong() >>> random.nextInt(64);
      long expected = 0;
      for (int shift = 0; shift < 64; shift += width) {
        long x = a << 64 - width - shift >> 64 - width;
        long y = b << 64 - width - shift >> 64 - width;
        expected |= (signed.applyAsLong(x, y) & -1L >>> 64 - width) << shift;
      }
      assertEquals(expected, lanes.applyAsLong(a, b));
    }
  }

  private static long signs(int width) {
    return switch (width) {
      case 8 -> Swar.BYTES;
      case 16 -> Swar.WORDS;
      default -> Swar.DWORDS;
    };
  }

  private static long unsigned(long value, int width) {
    return value & -1L >>> 64 - width;
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32})
  void lanesDoNotDisturbEachOther(int width) {
    long signs = signs(width);
    long max = (1L << width - 1) - 1;
    compare(width, (a, b) -> Swar.add(a, b, signs), Long::sum, 1);
    compare(width, (a, b) -> Swar.sub(a, b, signs), (x, y) -> x - y, 2);
    compare(
        width,
        (a, b) -> Swar.addSaturating(a, b, signs),
        (x, y) -> Math.clamp(x + y, -max - 1, max),
        3);
    compare(
        width,
        (a, b) -> Swar.subSaturating(a, b, signs),
        (x, y) -> Math.clamp(x - y, -max - 1, max),
        4);
    compare(width, (a, b) -> Swar.equal(a, b, signs), (x, y) -> x == y ? -1 : 0, 5);
    compare(width, (a, b) -> Swar.greater(a, b, signs), (x, y) -> x > y ? -1 : 0, 6);
    compare(width, (a, b) -> Swar.min(a, b, signs), Math::min, 7);
    compare(width, (a, b) -> Swar.max(a, b, signs), Math::max, 8);
    compare(width, (a, b) -> Swar.absolute(b, signs), (x, y) -> Math.abs(y), 9);
    compare(width, (a, b) -> Swar.applySign(a, b, signs), (x, y) -> x * Long.signum(y), 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32})
  void unsignedLanesDoNotDisturbEachOther(int width) {
    long signs = signs(width);
    long max = unsigned(-1, width);
    LongBinaryOperator sum = (x, y) -> unsigned(x, width) + unsigned(y, width);
    LongBinaryOperator difference = (x, y) -> unsigned(x, width) - unsigned(y, width);
    compare(
        width,
        (a, b) -> Swar.addUnsignedSaturating(a, b, signs),
        (x, y) -> Math.min(sum.applyAsLong(x, y), max),
        1);
    compare(
        width,
        (a, b) -> Swar.subUnsignedSaturating(a, b, signs),
        (x, y) -> Math.max(difference.applyAsLong(x, y), 0),
        2);
    compare(
        width, (a, b) -> Swar.below(a, b, signs), (x, y) -> difference.applyAsLong(x, y) >> 63, 3);
    compare(
        width, (a, b) -> Swar.average(a, b, signs), (x, y) -> sum.applyAsLong(x, y) + 1 >> 1, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void shiftsByEveryCountStayInTheirLanes(int width) {
    long signs = signs(width);
    for (int count = 0; count < 70; count++) {
      int n = count;
      int most = Math.min(count, 63);
      boolean gone = count >= width;
      compare(width, (a, b) -> Swar.shiftLeft(a, n, signs), (x, y) -> gone ? 0 : x << n, count);
      compare(
          width,
          (a, b) -> Swar.shiftRight(a, n, signs),
          (x, y) -> gone ? 0 : unsigned(x, width) >>> n,
          count);
      compare(width, (a, b) -> Swar.shiftRightArithmetic(a, n, signs), (x, y) -> x >> most, count);
    }
  }
}
