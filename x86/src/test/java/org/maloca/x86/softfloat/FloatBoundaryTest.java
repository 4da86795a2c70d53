package org.maloca.x86.softfloat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FloatBoundaryTest {
  private final FloatEnv env = new FloatEnv();

  private static double relativeError(double actual, double expected) {
    return Math.abs(actual / expected - 1);
  }

  private static double reciprocalError(int bits) {
    double x = Float.intBitsToFloat(bits);
    return relativeError(Float.intBitsToFloat(Float32.rcp(bits)), 1 / x);
  }

  private static double reciprocalRootError(int bits) {
    double x = Float.intBitsToFloat(bits);
    return relativeError(Float.intBitsToFloat(Float32.rsqrt(bits)), 1 / Math.sqrt(x));
  }

  @Test
  void reciprocalEstimatesStayWithinTheArchitecturalError() {
    IntStream inputs = IntStream.range(0, 100_000).map(i -> 0x3f80_0000 + i * 167);
    double worst =
        inputs
            .mapToDouble(i -> Math.max(reciprocalError(i), reciprocalRootError(i)))
            .max()
            .orElse(1);
    assertTrue(worst <= 1.5 / 4096, () -> "relative error " + worst);
  }

  @Test
  void sineOutOfRangeIsLeftIncomplete() {
    assertFalse(Transcendental.sin(0x3fff + 63, Long.MIN_VALUE, env));
    assertEquals(0x3fff + 63, env.signExp);
    assertEquals(Long.MIN_VALUE, env.mantissa);
    assertEquals(0, env.flags);
  }

  @Test
  void fullAccuracySurvivesCancellationInReductionBySixtySixBitPi() {
    // The 66-bit pi ends in ...234.C, so the 64-bit one exceeds it by a quarter of 2^-62.
    assertTrue(Transcendental.sin(0x4000, 0xc90f_daa2_2168_c235L, env));
    assertEquals(0xbfff - 64, env.signExp);
    assertEquals(Long.MIN_VALUE, env.mantissa);
  }

  @Test
  void unmaskedUnderflowWrapsTheExponent() {
    env.maskedExceptions = FloatEnv.ALL_EXCEPTIONS & ~FloatEnv.UE;
    Float80.mul(1, Long.MIN_VALUE, 1, Long.MIN_VALUE, env);
    assertEquals(FloatEnv.UE, env.unmasked());
    assertEquals(2 - 16383 + 24576, env.signExp);
  }

  @Test
  void packedDecimalRoundTrips() {
    PackedBcd.load(0x8012, 0x3456_7890_1234_5678L, env);
    PackedBcd.store(env.signExp, env.mantissa, env);
    assertEquals(0x8012, env.signExp);
    assertEquals(0x3456_7890_1234_5678L, env.mantissa);
    assertEquals(0, env.flags);
  }
}
