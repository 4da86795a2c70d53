package org.maloca.x86.softfloat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What the common case computes is what the exact way computes, status included. */
class CommonCaseTest {
  private static final int CASES = 200_000;
  private static final int[] EXPONENTS = {0, 1, 2, 0x3ffe, 0x3fff, 0x4000, 0x7ffd, 0x7ffe, 0x7fff};

  private final Random random = new Random(80);
  private final FloatEnv common = new FloatEnv();
  private final FloatEnv exact = new FloatEnv();

  private int signExponent(int near) {
    int sign = random.nextInt(2) << 15;
    return sign
        | switch (random.nextInt(8)) {
          case 0 -> EXPONENTS[random.nextInt(EXPONENTS.length)];
          case 1 -> random.nextInt(0x8000);
          default -> Math.clamp(near + random.nextInt(-70, 71), 0, 0x7fff);
        };
  }

  private long mantissa() {
    long m =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> -1L << random.nextInt(64);
          case 2 -> -1L >>> random.nextInt(64);
          case 3 -> random.nextLong() << random.nextInt(64);
          default -> random.nextLong();
        };
    return random.nextInt(16) == 0 ? m : m | Long.MIN_VALUE;
  }

  /** Checks a result that the common case did not decline; returns 1 when it did not. */
  private int check(int raised, Supplier<String> what) {
    if (raised == NearestExtended.UNCOMMON) {
      return 0;
    }
    int wanted = exact.flags | (exact.roundedUp ? NearestExtended.ROUNDED_UP : 0);
    assertEquals(wanted, raised, what);
    assertEquals(exact.signExp, common.signExp, what);
    assertEquals(exact.mantissa, common.mantissa, what);
    return 1;
  }

  @Test
  void arithmeticIsExact() {
    int taken = 0;
    for (int i = 0; i < CASES; i++) {
      int aSe = signExponent(0x3fff);
      int bSe = signExponent(aSe & 0x7fff);
      long aM = mantissa();
      long bM = random.nextInt(16) == 0 ? aM : mantissa();
      Supplier<String> what = () -> "%x:%x and %x:%x".formatted(aSe, aM, bSe, bM);
      exact.flags = 0;
      Float80.add(aSe, aM, bSe, bM, exact);
      taken += check(NearestExtended.add(aSe, aM, bSe, bM, common), what);
      exact.flags = 0;
      Float80.mul(aSe, aM, bSe, bM, exact);
      taken += check(NearestExtended.multiply(aSe, aM, bSe, bM, common), what);
      exact.flags = 0;
      Float80.div(aSe, aM, bSe, bM, exact);
      taken += check(NearestExtended.divide(aSe, aM, bSe, bM, common), what);
      exact.flags = 0;
      Float80.sqrt(aSe, aM, exact);
      taken += check(NearestExtended.squareRoot(aSe, aM, common), what);
    }
    assertTrue(taken > CASES);
  }

  @Test
  void comparisonsAgree() {
    for (int i = 0; i < CASES; i++) {
      int aSe = signExponent(0x3fff);
      int bSe = random.nextBoolean() ? aSe : signExponent(aSe & 0x7fff);
      long aM = mantissa();
      long bM = random.nextInt(4) == 0 ? aM : mantissa();
      int order = NearestExtended.compare(aSe, aM, bSe, bM);
      if (order != 2) {
        exact.flags = 0;
        assertEquals(Float80.compareQuiet(aSe, aM, bSe, bM, exact), order);
        assertEquals(0, exact.flags);
      }
    }
  }

  @Test
  void narrowingIsExact() {
    int taken = 0;
    for (int i = 0; i < CASES; i++) {
      int se = signExponent(random.nextBoolean() ? 0x3fff : random.nextBoolean() ? 0x3c01 : 0x43fe);
      long m = mantissa();
      Supplier<String> what = () -> "%x:%x".formatted(se, m);
      exact.flags = 0;
      exact.mantissa = Float80.toFloat64(se, m, exact);
      exact.signExp = common.signExp;
      taken += check(CommonConversion.toFloat64(se, m, common), what);
      exact.flags = 0;
      exact.mantissa = Float80.toFloat32(se, m, exact) & 0xffff_ffffL;
      taken += check(CommonConversion.toFloat32(se, m, common), what);
      for (int bits = 16; bits <= 64; bits *= 2) {
        exact.flags = 0;
        exact.mantissa = Float80.toInt(se, m, bits, exact);
        taken += check(CommonConversion.toInt(se, m, bits, true, common), what);
        exact.flags = 0;
        exact.mantissa = Float80.toIntTruncating(se, m, bits, exact);
        taken += check(CommonConversion.toInt(se, m, bits, false, common), what);
      }
    }
    assertTrue(taken > CASES);
  }

  @Test
  void wideningIsExact() {
    int taken = 0;
    for (int i = 0; i < CASES; i++) {
      long bits = random.nextInt(8) == 0 ? random.nextLong() << 52 : random.nextLong();
      Supplier<String> what = () -> "%x".formatted(bits);
      exact.flags = 0;
      exact.roundedUp = false;
      Float80.fromFloat64(bits, exact);
      taken += check(CommonConversion.fromFloat64(bits, common) ? 0 : -1, what);
      exact.flags = 0;
      exact.roundedUp = false;
      Float80.fromFloat32((int) (bits >>> 32), exact);
      taken += check(CommonConversion.fromFloat32((int) (bits >>> 32), common) ? 0 : -1, what);
      long value = bits >> random.nextInt(64);
      exact.flags = 0;
      Float80.fromInt(value, exact);
      CommonConversion.fromInt(value, common);
      taken += check(0, what);
    }
    assertTrue(taken > CASES);
  }
}
