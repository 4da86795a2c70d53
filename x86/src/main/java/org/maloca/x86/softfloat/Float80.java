package org.maloca.x86.softfloat;

/**
 * x87 arithmetic on 80-bit values given as (sign and biased exponent, significand with explicit
 * integer bit) pairs: Intel SDM volume 1, chapter 8. Results go to {@code env.signExp} and {@code
 * env.mantissa}; {@code env.roundedUp} is what C1 becomes. Add, sub, mul, div and sqrt keep {@code
 * env.precision} bits; everything else keeps 64.
 */
public final class Float80 {
  /** FXAM classes as C3, C2, C0 in bits 2, 1, 0; C1 is the sign. Empty (5) is the caller's. */
  public static final int CLASS_UNSUPPORTED = 0;

  public static final int CLASS_NAN = 1;
  public static final int CLASS_NORMAL = 2;
  public static final int CLASS_INFINITY = 3;
  public static final int CLASS_ZERO = 4;
  public static final int CLASS_EMPTY = 5;
  public static final int CLASS_DENORMAL = 6;

  /** Added to the quotient bits of a partial remainder that is not complete: C2. */
  public static final int INCOMPLETE = 8;

  public static final int INDEFINITE_SIGN_EXP = 0xffff;
  public static final long INDEFINITE_MANTISSA = 0xc000_0000_0000_0000L;

  private Float80() {}

  static void load(FloatEnv env, int aSe, long aM, int bSe, long bM) {
    env.roundedUp = false;
    env.a.load80(aSe, aM);
    env.b.load80(bSe, bM);
  }

  static void load(FloatEnv env, int se, long m) {
    env.roundedUp = false;
    env.a.load80(se, m);
    env.b.setZero(false);
  }

  public static void add(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    Arithmetic.add(env, false, true);
    Rounding.to80(env, env.precision);
  }

  /** {@code a - b}. */
  public static void sub(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    Arithmetic.add(env, true, true);
    Rounding.to80(env, env.precision);
  }

  public static void mul(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    Arithmetic.multiply(env, true);
    Rounding.to80(env, env.precision);
  }

  /** {@code a / b}. */
  public static void div(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    Arithmetic.divide(env, true);
    Rounding.to80(env, env.precision);
  }

  public static void sqrt(int se, long m, FloatEnv env) {
    load(env, se, m);
    Arithmetic.squareRoot(env);
    Rounding.to80(env, env.precision);
  }

  /** FUCOM semantics: -1, 0, 1, or 2 for unordered; IE for signaling NaNs and unsupported. */
  public static int compareQuiet(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    return Arithmetic.compare(env, false);
  }

  /** FCOM semantics: as {@link #compareQuiet} but IE for every NaN. */
  public static int compareSignaling(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    return Arithmetic.compare(env, true);
  }

  /** FXAM class; see {@link #CLASS_NORMAL} and its neighbours. */
  public static int classify(int se, long m) {
    int e = se & 0x7fff;
    if (e == 0) {
      return m == 0 ? CLASS_ZERO : CLASS_DENORMAL;
    }
    if (m >= 0) {
      return CLASS_UNSUPPORTED;
    }
    if (e != 0x7fff) {
      return CLASS_NORMAL;
    }
    return m == Long.MIN_VALUE ? CLASS_INFINITY : CLASS_NAN;
  }

  /** FRNDINT. */
  public static void roundToIntegral(int se, long m, FloatEnv env) {
    load(env, se, m);
    if (env.a.denormal) {
      env.flags |= FloatEnv.DE;
      if (!env.isMasked(FloatEnv.DE)) {
        return;
      }
    }
    IntegerConversion.toIntegral(env, env.rounding, false);
    Rounding.store80(env);
  }

  /** FSCALE: {@code a} times two to the power of {@code b} truncated. */
  public static void scale(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    Remainder.scale(env);
  }

  /** FPREM: quotient bits 0..2 of a complete reduction, or {@link #INCOMPLETE}. */
  public static int remainderTruncating(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    return Remainder.remainder(env, false);
  }

  /** FPREM1: quotient bits 0..2 of a complete reduction, or {@link #INCOMPLETE}. */
  public static int remainderNearest(int aSe, long aM, int bSe, long bM, FloatEnv env) {
    load(env, aSe, aM, bSe, bM);
    return Remainder.remainder(env, true);
  }

  /** FXTRACT: the exponent replaces the operand, the significand is pushed. */
  public static void extract(int se, long m, FloatEnv env) {
    load(env, se, m);
    Remainder.extract(env);
  }

  /** FISTP m16, m32 (sign-extended) and m64: {@code bits} of 16, 32, 64; IE if out of range. */
  public static long toInt(int se, long m, int bits, FloatEnv env) {
    load(env, se, m);
    return IntegerConversion.toInt(env, bits, env.rounding);
  }

  /** FISTTP. */
  public static long toIntTruncating(int se, long m, int bits, FloatEnv env) {
    load(env, se, m);
    return IntegerConversion.toInt(env, bits, FloatEnv.TOWARD_ZERO);
  }

  /** FILD of any width, sign-extended. Exact. */
  public static void fromInt(long i, FloatEnv env) {
    env.r.setInteger(i < 0, Math.abs(i));
    Rounding.store80(env);
  }

  /** FLD m32fp: raises IE for a signaling NaN, which it quiets, and DE for a denormal. */
  public static void fromFloat32(int bits, FloatEnv env) {
    env.a.load32(bits, false);
    widen(env);
  }

  /** FLD m64fp: raises IE for a signaling NaN, which it quiets, and DE for a denormal. */
  public static void fromFloat64(long bits, FloatEnv env) {
    env.a.load64(bits, false);
    widen(env);
  }

  private static void widen(FloatEnv env) {
    env.roundedUp = false;
    if (!Arithmetic.propagateNan(env)) {
      env.r.copy(env.a);
      env.flags |= env.a.denormal ? FloatEnv.DE : 0;
    }
    Rounding.store80(env);
  }

  /**
   * Widens the memory operand of an arithmetic or compare instruction: signaling NaNs stay so for
   * the operation to judge; DE for a denormal unless {@code other}, the register operand, is a NaN.
   */
  public static void operandFromFloat32(int bits, int otherSe, long otherM, FloatEnv env) {
    env.a.load32(bits, false);
    widenOperand(env, otherSe, otherM);
  }

  /** As {@link #operandFromFloat32} for m64fp. */
  public static void operandFromFloat64(long bits, int otherSe, long otherM, FloatEnv env) {
    env.a.load64(bits, false);
    widenOperand(env, otherSe, otherM);
  }

  private static void widenOperand(FloatEnv env, int otherSe, long otherM) {
    env.r.copy(env.a);
    int other = classify(otherSe, otherM);
    if (env.a.denormal && other != CLASS_NAN && other != CLASS_UNSUPPORTED) {
      env.flags |= FloatEnv.DE;
    }
    Rounding.store80(env);
  }

  /** FSTP m32fp. With an unmasked OE or UE nothing is to be stored. */
  public static int toFloat32(int se, long m, FloatEnv env) {
    int earlier = startNarrowing(se, m, env);
    int bits = Rounding.to32(env);
    finishNarrowing(earlier, env);
    return bits;
  }

  /** FSTP m64fp. With an unmasked OE or UE nothing is to be stored. */
  public static long toFloat64(int se, long m, FloatEnv env) {
    int earlier = startNarrowing(se, m, env);
    long bits = Rounding.to64(env);
    finishNarrowing(earlier, env);
    return bits;
  }

  private static int startNarrowing(int se, long m, FloatEnv env) {
    int earlier = env.flags;
    env.flags = 0;
    load(env, se, m);
    if (!Arithmetic.propagateNan(env)) {
      env.r.copy(env.a);
    }
    return earlier;
  }

  /** An unmasked OE or UE keeps the store, hence the rounding and PE, from happening. */
  private static void finishNarrowing(int earlier, FloatEnv env) {
    int unstored = env.unmasked() & (FloatEnv.OE | FloatEnv.UE);
    if (unstored != 0) {
      env.flags = unstored;
      env.roundedUp = false;
    }
    env.flags |= earlier;
  }
}
