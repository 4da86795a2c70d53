package org.maloca.x86.softfloat;

/** Rounding of {@code env.a} to integers, as numbers and as two's complement. */
final class IntegerConversion {
  private IntegerConversion() {}

  /**
   * Rounds finite {@code env.a} to an unsigned 64-bit magnitude in {@code env.r.hi}, setting
   * inexact and roundedUp; false when it is 2^64 or more.
   */
  private static boolean roundMagnitude(FloatEnv env, int rc) {
    Unpacked r = env.r;
    r.copy(env.a);
    if (r.exp > 63) {
      return false;
    }
    r.shiftRightJam(63 - r.exp);
    boolean half = r.lo < 0;
    boolean sticky = r.lo << 1 != 0;
    boolean up = Rounding.increments(rc, r.negative, (r.hi & 1) != 0, half, sticky);
    env.inexact = half || sticky;
    env.roundedUp = up;
    r.lo = 0;
    if (up) {
      r.hi++;
      return r.hi != 0;
    }
    return true;
  }

  /**
   * Two's complement of {@code bits} bits, sign-extended; the integer indefinite and IE if none.
   */
  static long toInt(FloatEnv env, int bits, int rc) {
    Unpacked a = env.a;
    env.roundedUp = false;
    if (a.kind == Unpacked.ZERO) {
      return 0;
    }
    long minimum = Long.MIN_VALUE >> (64 - bits);
    if (a.kind == Unpacked.FINITE && roundMagnitude(env, rc)) {
      long limit = a.negative ? -minimum : ~minimum;
      long magnitude = env.r.hi;
      if (Long.compareUnsigned(magnitude, limit) <= 0) {
        env.flags |= env.inexact ? FloatEnv.PE : 0;
        return a.negative ? -magnitude : magnitude;
      }
    }
    env.flags |= FloatEnv.IE;
    env.roundedUp = false;
    return minimum;
  }

  /** Unsigned 64-bit, all ones and IE if out of range: the AVX-512 conversions' and BCD's need. */
  static long toUnsigned(FloatEnv env, int rc) {
    env.roundedUp = false;
    if (env.a.kind == Unpacked.ZERO) {
      return 0;
    }
    if (env.a.kind == Unpacked.FINITE
        && roundMagnitude(env, rc)
        && (!env.a.negative || env.r.hi == 0)) {
      env.flags |= env.inexact ? FloatEnv.PE : 0;
      return env.r.hi;
    }
    env.flags |= FloatEnv.IE;
    return -1;
  }

  /** Rounds to an integral number in {@code env.r}. */
  static void toIntegral(FloatEnv env, int rc, boolean suppressPrecision) {
    env.roundedUp = false;
    if (Arithmetic.propagateNan(env)) {
      return;
    }
    Unpacked a = env.a;
    Unpacked r = env.r;
    if (a.kind != Unpacked.FINITE || a.exp >= 63) {
      r.copy(a);
      return;
    }
    roundMagnitude(env, rc);
    if (env.inexact && !suppressPrecision) {
      env.flags |= FloatEnv.PE;
    }
    r.setInteger(a.negative, r.hi);
  }
}
