package org.maloca.x86.softfloat;

/**
 * The common case of x87 arithmetic: normal operands (and zeros, where that is cheap), rounding to
 * nearest and 64 bits of precision, with a normal result. Operands are as in {@link Float80};
 * results go to {@code env.signExp} and {@code env.mantissa}.
 *
 * <p>Every method returns what it raised as bits of the status word: 0 for an exact result, {@link
 * FloatEnv#PE} for an inexact one, with {@link #ROUNDED_UP} (C1) when its magnitude grew; or {@link
 * #UNCOMMON}, with nothing changed but the result's fields, when {@link Float80} has to look. The
 * environment's flags and controls are not used, so the caller checks the latter first.
 *
 * <p>Rounding is free of branches, because its direction is a coin toss to a branch predictor.
 */
public final class NearestExtended {
  /** The operands or the result are not of the common case. */
  public static final int UNCOMMON = -1;

  /** C1 of the status word. */
  public static final int ROUNDED_UP = 1 << 9;

  private static final int SIGN = 0x8000;
  private static final int EXPONENT = 0x7fff;
  private static final int BIAS = 16383;
  private static final long INTEGER_BIT = Long.MIN_VALUE;

  private NearestExtended() {}

  /** Whether a number is normal: neither zero, denormal, infinite nor NaN, and supported. */
  static boolean isNormal(int se, long m) {
    return m < 0 && (se + 1 & EXPONENT) > 1;
  }

  static boolean isZero(int se, long m) {
    return m == 0 && (se & EXPONENT) == 0;
  }

  /** 1 when a value is not zero. */
  static long notZero(long value) {
    return (value | -value) >>> 63;
  }

  /** Rounds a normalized significand of 128 bits. */
  private static int round(int sign, int exponent, long hi, long lo, FloatEnv env) {
    long up = lo >>> 63 & (notZero(lo << 1) | hi) & 1;
    long rounded = hi + up;
    int e = exponent;
    if (hi < 0 && rounded >= 0) {
      rounded = INTEGER_BIT;
      e++;
    }
    if (e <= 0 || e >= EXPONENT) {
      return UNCOMMON;
    }
    env.signExp = sign | e;
    env.mantissa = rounded;
    return (int) (notZero(lo) << 5 | up << 9);
  }

  /** {@code a + b}. */
  public static int add(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    if (!isNormal(aSe, aM) || !isNormal(bSe, bM)) {
      return addZero(aSe, aM, bSe, bM, env);
    }
    int difference = (aSe & EXPONENT) - (bSe & EXPONENT);
    // x is the one with the larger exponent: all ones here exchange the operands.
    int exchange = difference >> 31;
    long exchanged = (aM ^ bM) & exchange;
    int shift = (difference ^ exchange) - exchange;
    int se = aSe ^ (aSe ^ bSe) & exchange;
    long x = aM ^ exchanged;
    long y = bM ^ exchanged;
    long yHi = y >>> shift;
    long yLo = y << 1 << 63 - shift;
    if (shift > 63) {
      yHi = 0;
      // From 66 places on it is less than half of the last place even after a cancellation.
      yLo = shift == 64 ? y : shift == 65 ? y >>> 1 | y & 1 : 1;
    }
    return ((aSe ^ bSe) & SIGN) == 0
        ? addMagnitudes(se, x, yHi, yLo, env)
        : subtractMagnitudes(se, x, yHi, yLo, env);
  }

  private static int addMagnitudes(int se, long x, long yHi, long yLo, FloatEnv env) {
    long hi = x + yHi;
    // A carry out goes back in at the top.
    long carry = (x & yHi | (x | yHi) & ~hi) >>> 63;
    long lo = yLo >>> carry | hi << 63 & -carry | yLo & carry;
    hi = hi >>> carry | carry << 63;
    return round(se & SIGN, (se & EXPONENT) + (int) carry, hi, lo, env);
  }

  /** The second magnitude may be the larger one only when it was not shifted: yLo is zero then. */
  private static int subtractMagnitudes(int se, long x, long yHi, long yLo, FloatEnv env) {
    long lo = -yLo;
    long difference = x - yHi;
    long negative = (~x & yHi | ~(x ^ yHi) & difference) >>> 63;
    long hi = (difference ^ -negative) + negative - notZero(yLo);
    int e = se & EXPONENT;
    if (hi == 0) {
      if (lo == 0) {
        env.signExp = 0;
        env.mantissa = 0;
        return 0;
      }
      hi = lo;
      lo = 0;
      e -= 64;
    }
    int n = Long.numberOfLeadingZeros(hi);
    int sign = (se ^ (int) negative << 15) & SIGN;
    return round(sign, e - n, hi << n | lo >>> 1 >>> 63 - n, lo << n, env);
  }

  /** A sum with a zero: exact, and never denormal, since the other operand is normal. */
  private static int addZero(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    if (isZero(aSe, aM) && isNormal(bSe, bM)) {
      env.signExp = bSe;
      env.mantissa = bM;
      return 0;
    }
    if (isZero(bSe, bM) && isNormal(aSe, aM)) {
      env.signExp = aSe;
      env.mantissa = aM;
      return 0;
    }
    return UNCOMMON;
  }

  /** {@code a * b}. */
  public static int multiply(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    if (!isNormal(aSe, aM) || !isNormal(bSe, bM)) {
      return multiplyZero(aSe, aM, bSe, bM, env);
    }
    long hi = Math.unsignedMultiplyHigh(aM, bM);
    long lo = aM * bM;
    int small = (int) (~hi >>> 63);
    return round(
        (aSe ^ bSe) & SIGN,
        (aSe & EXPONENT) + (bSe & EXPONENT) - (BIAS - 1) - small,
        hi << small | lo >>> 63 & small,
        lo << small,
        env);
  }

  private static int multiplyZero(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    boolean aZero = isZero(aSe, aM);
    boolean bZero = isZero(bSe, bM);
    if (aZero && (bZero || isNormal(bSe, bM)) || bZero && isNormal(aSe, aM)) {
      env.signExp = (aSe ^ bSe) & SIGN;
      env.mantissa = 0;
      return 0;
    }
    return UNCOMMON;
  }

  /** {@code a / b}. */
  public static int divide(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    if (!isNormal(aSe, aM) || !isNormal(bSe, bM)) {
      return UNCOMMON;
    }
    int sign = (aSe ^ bSe) & SIGN;
    int e = (aSe & EXPONENT) - (bSe & EXPONENT) + BIAS;
    int less = Long.compareUnsigned(aM, bM) < 0 ? 1 : 0;
    // The dividend is below the divisor: a quotient of 64 bits, its first one set.
    long hi = aM >>> 1 - less;
    long lo = aM << 63 + less & ~-(long) less;
    long quotient = Significand.divide128(hi, lo, bM);
    long remainder = lo - quotient * bM;
    return round(sign, e - less, quotient, fraction(remainder, bM), env);
  }

  /** Half and sticky bits of a remainder. */
  private static long fraction(long remainder, long divisor) {
    long rest = divisor - remainder;
    long half = Long.compareUnsigned(remainder, rest) >= 0 ? INTEGER_BIT : 0;
    return half | notZero(remainder) & notZero(remainder - rest);
  }

  /** The square root. */
  public static int squareRoot(int se, long m, FloatEnv env) {
    if (!isNormal(se, m) || (se & SIGN) != 0) {
      return UNCOMMON;
    }
    // 127 or 128 bits, so that half of the exponent is whole.
    int even = ~(se - BIAS) & 1;
    long hi = m >>> even;
    long lo = m << 63 & -(long) even;
    long root = SquareRoot.of(hi, lo);
    int e = (se - BIAS >> 1) + BIAS;
    return round(0, e, root, SquareRoot.fraction(hi, lo, root), env);
  }

  /**
   * Compares two numbers that are normal or zero: -1, 0 or 1; else 2, which need not mean that they
   * are unordered.
   */
  public static int compare(int aSe, long aM, int bSe, long bM) {
    if (!isNormal(aSe, aM) && !isZero(aSe, aM) || !isNormal(bSe, bM) && !isZero(bSe, bM)) {
      return 2;
    }
    if (((aSe ^ bSe) & SIGN) != 0) {
      return (aM | bM) == 0 ? 0 : aSe << 16 >> 31 | 1;
    }
    if (aSe == bSe && aM == bM) {
      return 0;
    }
    boolean smaller = aSe != bSe ? aSe < bSe : Long.compareUnsigned(aM, bM) < 0;
    return smaller == ((aSe & SIGN) == 0) ? -1 : 1;
  }
}
