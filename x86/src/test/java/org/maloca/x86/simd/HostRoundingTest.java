package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/**
 * What {@link RoundedDouble} and {@link RoundedSingle} say of the host's results is what exact
 * arithmetic raises, for numbers of all kinds, or nothing.
 */
class HostRoundingTest {
  private static final int PAIRS = 200_000;

  private final Random random = new Random(7);

  /** How often each answer came: exact, rounded. */
  private final int[] answers = new int[2];

  private void check(String what, int said, long host, long exact, FloatEnv env) {
    if (said >= 0) {
      assertEquals(exact, host, what);
      assertEquals(env.flags, said, what);
      answers[said == 0 ? 0 : 1]++;
    }
    env.flags = 0;
  }

  private void assertBothWereSaidOften() {
    assertTrue(answers[0] > PAIRS / 2, "exact: " + answers[0]);
    assertTrue(answers[1] > PAIRS / 2, "rounded: " + answers[1]);
  }

  private double number() {
    return switch (random.nextInt(7)) {
      case 0, 1 -> random.nextInt(2001) - 1000;
      case 2 -> Math.scalb((double) random.nextInt(1 << 20), random.nextInt(200) - 100);
      case 3 -> random.nextInt();
      case 4 -> random.nextDouble() - 0.5;
      case 5 -> Math.scalb((double) (random.nextInt(7) - 3), random.nextInt(2200) - 1100);
      default -> Double.longBitsToDouble(random.nextLong());
    };
  }

  @Test
  void doublesAreRoundedWhenExactArithmeticIsInexact() {
    FloatEnv env = new FloatEnv();
    for (int i = 0; i < PAIRS; i++) {
      double a = number();
      double b = random.nextInt(8) == 0 ? a : number();
      String what = a + ", " + b;
      long aBits = Double.doubleToRawLongBits(a);
      long bBits = Double.doubleToRawLongBits(b);
      int said = RoundedDouble.sum(a, b, a + b);
      check(what, said, Double.doubleToRawLongBits(a + b), Float64.add(aBits, bBits, env), env);
      said = RoundedDouble.sum(a, -b, a - b);
      check(what, said, Double.doubleToRawLongBits(a - b), Float64.sub(aBits, bBits, env), env);
      said = RoundedDouble.product(a, b, a * b);
      check(what, said, Double.doubleToRawLongBits(a * b), Float64.mul(aBits, bBits, env), env);
      said = RoundedDouble.quotient(a, b, a / b);
      check(what, said, Double.doubleToRawLongBits(a / b), Float64.div(aBits, bBits, env), env);
      double square = random.nextBoolean() ? a : a * a;
      double root = Math.sqrt(square);
      said = RoundedDouble.root(square, root);
      long exact = Float64.sqrt(Double.doubleToRawLongBits(square), env);
      check("root of " + square, said, Double.doubleToRawLongBits(root), exact, env);
    }
    assertBothWereSaidOften();
  }

  private float single() {
    return switch (random.nextInt(6)) {
      case 0, 1 -> random.nextInt(2001) - 1000;
      case 2 -> Math.scalb((float) random.nextInt(1 << 12), random.nextInt(60) - 30);
      case 3 -> random.nextFloat() - 0.5f;
      case 4 -> Math.scalb((float) (random.nextInt(7) - 3), random.nextInt(300) - 150);
      default -> Float.intBitsToFloat(random.nextInt());
    };
  }

  @Test
  void singlesAreRoundedWhenExactArithmeticIsInexact() {
    FloatEnv env = new FloatEnv();
    for (int i = 0; i < PAIRS; i++) {
      float a = single();
      float b = random.nextInt(8) == 0 ? a : single();
      String what = a + ", " + b;
      int aBits = Float.floatToRawIntBits(a);
      int bBits = Float.floatToRawIntBits(b);
      int said = RoundedSingle.sum(a, b, a + b);
      check(what, said, Float.floatToRawIntBits(a + b), Float32.add(aBits, bBits, env), env);
      said = RoundedSingle.sum(a, -b, a - b);
      check(what, said, Float.floatToRawIntBits(a - b), Float32.sub(aBits, bBits, env), env);
      said = RoundedSingle.product(a, b, a * b);
      check(what, said, Float.floatToRawIntBits(a * b), Float32.mul(aBits, bBits, env), env);
      said = RoundedSingle.quotient(a, b, a / b);
      check(what, said, Float.floatToRawIntBits(a / b), Float32.div(aBits, bBits, env), env);
      float square = random.nextBoolean() ? a : a * a;
      float root = (float) Math.sqrt(square);
      said = RoundedSingle.root(square, root);
      int exact = Float32.sqrt(Float.floatToRawIntBits(square), env);
      check("root of " + square, said, Float.floatToRawIntBits(root), exact, env);
      int integer = random.nextInt() >> random.nextInt(32);
      said = RoundedSingle.fromInt(integer, (float) integer);
      int converted = Float32.fromInt32(integer, env);
      check("of " + integer, said, Float.floatToRawIntBits((float) integer), converted, env);
    }
    assertBothWereSaidOften();
  }
}
