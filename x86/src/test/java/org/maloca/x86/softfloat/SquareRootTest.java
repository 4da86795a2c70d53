package org.maloca.x86.softfloat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Square roots of 128-bit integers against the JDK's big integers. */
class SquareRootTest {
  private static final BigInteger LEAST = BigInteger.ONE.shiftLeft(126);
  private static final BigInteger ABOVE = BigInteger.ONE.shiftLeft(128);

  private static void check(BigInteger number) {
    long hi = number.shiftRight(64).longValue();
    long lo = number.longValue();
    BigInteger root = number.sqrt();
    assertEquals(root.longValue(), SquareRoot.of(hi, lo), number::toString);
    BigInteger rest = number.subtract(root.multiply(root));
    long wanted = (rest.compareTo(root) > 0 ? Long.MIN_VALUE : 0) | (rest.signum() == 0 ? 0 : 1);
    assertEquals(wanted, SquareRoot.fraction(hi, lo, root.longValue()), number::toString);
  }

  @Test
  void ofAnyNumber() {
    Random random = new Random(128);
    for (int i = 0; i < 50_000; i++) {
      check(LEAST.add(new BigInteger(127, random)).max(LEAST));
      check(ABOVE.subtract(BigInteger.ONE).subtract(new BigInteger(1 + i % 127, random)));
    }
  }

  @Test
  void aroundSquares() {
    Random random = new Random(64);
    for (int i = 0; i < 50_000; i++) {
      long root = i % 3 == 0 ? -1L << i % 64 : i % 3 == 1 ? ~(1L << i % 63) : random.nextLong();
      BigInteger side = new BigInteger(Long.toUnsignedString(root | Long.MIN_VALUE));
      BigInteger square = side.multiply(side);
      for (int distance = -1; distance <= 1; distance++) {
        BigInteger beside = square.add(BigInteger.valueOf(distance));
        if (beside.compareTo(LEAST) >= 0) {
          check(beside);
        }
        BigInteger nextToHalf = square.add(side).add(BigInteger.valueOf(distance));
        check(nextToHalf.min(ABOVE.subtract(BigInteger.ONE)));
      }
    }
  }
}
