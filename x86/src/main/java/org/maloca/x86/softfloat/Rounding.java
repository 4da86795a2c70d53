package org.maloca.x86.softfloat;

/**
 * The one place that rounds: fits {@code env.r} into a format, raising OE, UE and PE (Intel SDM
 * volume 1, 4.8.4 and 4.9.1). Tininess is detected after rounding.
 */
final class Rounding {
  private Rounding() {}

  /** Whether discarding the given bits rounds the magnitude up. */
  static boolean increments(int rc, boolean negative, boolean odd, boolean half, boolean sticky) {
    return switch (rc) {
      case FloatEnv.NEAREST_EVEN -> half && (sticky || odd);
      case FloatEnv.DOWN -> negative && (half || sticky);
      case FloatEnv.UP -> !negative && (half || sticky);
      default -> false;
    };
  }

  /** Keeps the top {@code bits} (1..64) bits of the significand; sets inexact and roundedUp. */
  static void keep(FloatEnv env, Unpacked r, int bits) {
    boolean half;
    boolean sticky;
    long mask;
    if (bits == 64) {
      mask = 0;
      half = r.lo < 0;
      sticky = r.lo << 1 != 0;
    } else {
      mask = -1L >>> bits;
      long halfBit = 1L << (63 - bits);
      half = (r.hi & halfBit) != 0;
      sticky = (r.hi & (halfBit - 1) | r.lo) != 0;
    }
    long ulp = mask + 1;
    boolean up = increments(env.rounding, r.negative, (r.hi & ulp) != 0, half, sticky);
    env.inexact = half || sticky;
    env.roundedUp = up;
    r.hi &= ~mask;
    r.lo = 0;
    if (up) {
      r.hi += ulp;
      if (r.hi == 0) {
        r.hi = Unpacked.INTEGER_BIT;
        r.exp++;
      }
    }
  }

  /**
   * Rounds a finite {@code env.r} to {@code bits} bits and exponents {@code min..max}. A denormal
   * result is left with {@code exp == min} and bit 63 clear. {@code adjust} is added to or taken
   * from the exponent of a result whose underflow or overflow is not masked.
   */
  static void fit(FloatEnv env, int bits, int min, int max, int adjust) {
    Unpacked r = env.r;
    if (r.exp < min) {
      fitTiny(env, bits, min, adjust);
      return;
    }
    keep(env, r, bits);
    if (r.exp > max) {
      overflow(env, bits, max, adjust);
    } else if (env.inexact) {
      env.flags |= FloatEnv.PE;
    }
  }

  private static void overflow(FloatEnv env, int bits, int max, int adjust) {
    Unpacked r = env.r;
    env.flags |= FloatEnv.OE;
    if (!env.isMasked(FloatEnv.OE)) {
      env.flags |= env.inexact ? FloatEnv.PE : 0;
      r.exp -= adjust;
      if (adjust != 0 && r.exp > max) {
        // Only FSCALE gets here: even the adjusted exponent is out of range.
        env.flags |= FloatEnv.PE;
        env.roundedUp = true;
        r.setInfinite(r.negative);
      }
      return;
    }
    env.flags |= FloatEnv.PE;
    boolean away = increments(env.rounding, r.negative, true, true, true);
    env.roundedUp = away;
    if (away) {
      r.setInfinite(r.negative);
    } else {
      r.set(r.negative, max, -1L << (64 - bits), 0);
    }
  }

  private static void fitTiny(FloatEnv env, int bits, int min, int adjust) {
    Unpacked r = env.r;
    int exp = r.exp;
    long hi = r.hi;
    long lo = r.lo;
    keep(env, r, bits);
    boolean tiny = r.exp < min;
    if (tiny && !env.isMasked(FloatEnv.UE)) {
      env.flags |= FloatEnv.UE | (env.inexact ? FloatEnv.PE : 0);
      r.exp += adjust;
      if (adjust != 0 && r.exp < min) {
        env.flags |= FloatEnv.PE;
        env.roundedUp = false;
        r.setZero(r.negative);
      }
      return;
    }
    if (tiny && env.flushToZero) {
      env.flags |= FloatEnv.UE | FloatEnv.PE;
      env.roundedUp = false;
      r.setZero(r.negative);
      return;
    }
    r.set(r.negative, min, hi, lo);
    r.shiftRightJam(min - exp);
    keep(env, r, bits);
    if (env.inexact) {
      env.flags |= FloatEnv.PE | (tiny ? FloatEnv.UE : 0);
    }
    if (r.hi == 0) {
      r.setZero(r.negative);
    }
  }

  /** Rounds {@code env.r} of any kind to binary32. */
  static int to32(FloatEnv env) {
    Unpacked r = env.r;
    if (r.kind == Unpacked.FINITE) {
      fit(env, 24, -126, 127, 0);
    }
    int sign = r.negative ? Integer.MIN_VALUE : 0;
    return switch (r.kind) {
      case Unpacked.ZERO -> sign;
      case Unpacked.FINITE ->
          sign | (r.hi < 0 ? r.exp + 127 : 0) << 23 | (int) (r.hi >>> 40) & 0x7fffff;
      default -> sign | 0x7f80_0000 | (int) (r.hi >>> 40) & 0x7fffff;
    };
  }

  /** Rounds {@code env.r} of any kind to binary64. */
  static long to64(FloatEnv env) {
    Unpacked r = env.r;
    if (r.kind == Unpacked.FINITE) {
      fit(env, 53, -1022, 1023, 0);
    }
    long sign = r.negative ? Long.MIN_VALUE : 0;
    long fraction = r.hi >>> 11 & 0xf_ffff_ffff_ffffL;
    return switch (r.kind) {
      case Unpacked.ZERO -> sign;
      case Unpacked.FINITE -> sign | (r.hi < 0 ? r.exp + 1023L : 0L) << 52 | fraction;
      default -> sign | 0x7ff0_0000_0000_0000L | fraction;
    };
  }

  /** Rounds {@code env.r} of any kind to {@code bits} of an 80-bit number, stored in the env. */
  static void to80(FloatEnv env, int bits) {
    Unpacked r = env.r;
    if (r.kind == Unpacked.FINITE) {
      fit(env, bits, -16382, 16383, 24576);
    }
    store80(env);
  }

  /** Stores {@code env.r}, which needs no rounding. */
  static void store80(FloatEnv env) {
    Unpacked r = env.r;
    int e =
        switch (r.kind) {
          case Unpacked.ZERO -> 0;
          case Unpacked.FINITE -> r.hi < 0 ? r.exp + 16383 : 0;
          default -> 0x7fff;
        };
    env.signExp = (r.negative ? 0x8000 : 0) | e;
    env.mantissa = r.hi;
  }
}
