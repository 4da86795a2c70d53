package org.maloca.x86.softfloat;

/**
 * The common case of x87 conversions: normal numbers (and zeros) with a normal result in range, and
 * rounding to nearest or toward zero. Whatever is rounded returns what it raised, as the methods of
 * {@link NearestExtended} do; the result's bits are in {@code env.mantissa}.
 */
public final class CommonConversion {
  private static final int SIGN = 0x8000;
  private static final int EXPONENT = 0x7fff;
  private static final int BIAS = 16383;
  private static final int BIAS_32 = 127;
  private static final int BIAS_64 = 1023;

  private CommonConversion() {}

  /** Widens binary64, exactly; false when it is denormal, infinite or NaN. */
  public static boolean fromFloat64(long bits, FloatEnv env) {
    int sign = (int) (bits >>> 48) & SIGN;
    int e = (int) (bits >>> 52) & 0x7ff;
    if ((e + 1 & 0x7ff) > 1) {
      env.signExp = sign | e + BIAS - BIAS_64;
      env.mantissa = bits << 11 | Long.MIN_VALUE;
      return true;
    }
    env.signExp = sign;
    env.mantissa = 0;
    return bits << 1 == 0;
  }

  /** Widens binary32, exactly; false when it is denormal, infinite or NaN. */
  public static boolean fromFloat32(int bits, FloatEnv env) {
    int sign = bits >>> 16 & SIGN;
    int e = bits >>> 23 & 0xff;
    if ((e + 1 & 0xff) > 1) {
      env.signExp = sign | e + BIAS - BIAS_32;
      env.mantissa = (long) bits << 40 | Long.MIN_VALUE;
      return true;
    }
    env.signExp = sign;
    env.mantissa = 0;
    return bits << 1 == 0;
  }

  /** Converts an integer, exactly. */
  public static void fromInt(long value, FloatEnv env) {
    if (value == 0) {
      env.signExp = 0;
      env.mantissa = 0;
      return;
    }
    long magnitude = Math.abs(value);
    int n = Long.numberOfLeadingZeros(magnitude);
    env.signExp = (int) (value >>> 48) & SIGN | BIAS + 63 - n;
    env.mantissa = magnitude << n;
  }

  /** Rounds to binary64, to nearest. */
  public static int toFloat64(int se, long m, FloatEnv env) {
    long sign = (long) (se & SIGN) << 48;
    if (!NearestExtended.isNormal(se, m)) {
      return zero(se, m, sign, env);
    }
    int e = (se & EXPONENT) - (BIAS - BIAS_64);
    long rest = m << 53;
    long magnitude = (m & Long.MAX_VALUE) >>> 11;
    long up = up(magnitude, rest);
    long bits = ((long) e << 52) + magnitude + up;
    if (e <= 0 || e >= 0x7ff || bits >= 0x7ffL << 52) {
      return NearestExtended.UNCOMMON;
    }
    env.mantissa = sign | bits;
    return raised(rest, up);
  }

  /** Rounds to binary32, to nearest; the result's upper half is zero. */
  public static int toFloat32(int se, long m, FloatEnv env) {
    long sign = (long) (se & SIGN) << 16;
    if (!NearestExtended.isNormal(se, m)) {
      return zero(se, m, sign, env);
    }
    int e = (se & EXPONENT) - (BIAS - BIAS_32);
    long rest = m << 24;
    long magnitude = (m & Long.MAX_VALUE) >>> 40;
    long up = up(magnitude, rest);
    long bits = ((long) e << 23) + magnitude + up;
    if (e <= 0 || e >= 0xff || bits >= 0xffL << 23) {
      return NearestExtended.UNCOMMON;
    }
    env.mantissa = sign | bits;
    return raised(rest, up);
  }

  /**
   * Converts to two's complement of {@code bits} bits.
   *
   * @param nearest rounds to nearest; else toward zero
   */
  public static int toInt(int se, long m, int bits, boolean nearest, FloatEnv env) {
    if (!NearestExtended.isNormal(se, m)) {
      return zero(se, m, 0, env);
    }
    int e = (se & EXPONENT) - BIAS;
    if (e > bits - 2) {
      return NearestExtended.UNCOMMON;
    }
    long magnitude = e < 0 ? 0 : m >>> 63 - e;
    long rest = e < 0 ? e == -1 ? m : 1 : m << e + 1;
    long up = nearest ? up(magnitude, rest) : 0;
    magnitude += up;
    if (magnitude >>> bits - 1 != 0) {
      return NearestExtended.UNCOMMON;
    }
    env.mantissa = se << 16 < 0 ? -magnitude : magnitude;
    return raised(rest, up);
  }

  private static int zero(int se, long m, long bits, FloatEnv env) {
    env.mantissa = bits;
    return NearestExtended.isZero(se, m) ? 0 : NearestExtended.UNCOMMON;
  }

  /** 1 when what is cut off rounds a magnitude up to the nearest. */
  private static long up(long magnitude, long rest) {
    return rest >>> 63 & (NearestExtended.notZero(rest << 1) | magnitude) & 1;
  }

  private static int raised(long rest, long up) {
    return (int) (NearestExtended.notZero(rest) << 5 | up << 9);
  }
}
