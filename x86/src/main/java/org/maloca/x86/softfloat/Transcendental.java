package org.maloca.x86.softfloat;

/**
 * F2XM1, FYL2X, FYL2XP1, FSIN, FCOS, FSINCOS, FPTAN and FPATAN: special operands per the tables of
 * SDM volume 2, the rest computed with 125 bits and rounded once to 64 by {@code env.rounding}.
 * Results as in {@link Float80}.
 */
public final class Transcendental {
  private Transcendental() {}

  /** Rounds {@code env.r}, which approximates an irrational number. */
  private static void roundInexact(FloatEnv env) {
    env.r.lo |= 1;
    Rounding.to80(env, 64);
  }

  /** {@code 2^x - 1}; outside -1..1, where the SDM leaves the result open, the operand. */
  public static void exp2Minus1(int se, long m, FloatEnv env) {
    Float80.load(env, se, m);
    if (settledUnary(env)) {
      return;
    }
    Unpacked a = env.a;
    Unpacked r = env.r;
    if (a.kind == Unpacked.INFINITE && a.negative) {
      r.setInteger(true, 1);
    } else if (a.kind == Unpacked.FINITE && a.exp < 0) {
      Series.exp2Minus1(env);
      roundInexact(env);
      return;
    } else if (a.kind == Unpacked.FINITE && a.exp == 0 && a.hi == Unpacked.INTEGER_BIT) {
      r.copy(a);
      r.exp = a.negative ? -1 : 0;
      env.flags |= FloatEnv.PE;
    } else if (a.kind == Unpacked.FINITE) {
      r.copy(a);
      env.flags |= FloatEnv.PE;
    } else {
      r.copy(a);
    }
    Rounding.store80(env);
  }

  /** NaN and unmasked denormal operands. */
  private static boolean settledUnary(FloatEnv env) {
    if (Arithmetic.propagateNan(env)) {
      Rounding.store80(env);
      return true;
    }
    return Arithmetic.denormalStops(env);
  }

  private static boolean settledBinary(FloatEnv env) {
    if (Arithmetic.propagateNan(env, true)) {
      Rounding.store80(env);
      return true;
    }
    return false;
  }

  private static void storeInvalid(FloatEnv env) {
    env.invalid();
    Rounding.store80(env);
  }

  /** FYL2X: {@code y * log2(x)}, x being ST(0). */
  public static void yLog2x(int xSe, long xM, int ySe, long yM, FloatEnv env) {
    Float80.load(env, xSe, xM, ySe, yM);
    if (settledBinary(env)) {
      return;
    }
    Unpacked x = env.a;
    Unpacked y = env.b;
    boolean one = x.kind == Unpacked.FINITE && x.exp == 0 && x.hi == Unpacked.INTEGER_BIT;
    boolean unboundedLog = x.kind != Unpacked.FINITE;
    if ((x.negative && x.kind != Unpacked.ZERO)
        || (unboundedLog && y.kind == Unpacked.ZERO)
        || (one && y.kind == Unpacked.INFINITE)) {
      storeInvalid(env);
      return;
    }
    boolean logNegative = x.kind == Unpacked.ZERO || (x.kind == Unpacked.FINITE && x.exp < 0);
    boolean negative = y.negative != logNegative;
    if (x.kind == Unpacked.ZERO && y.kind == Unpacked.FINITE) {
      env.flags |= FloatEnv.ZE;
      env.r.setInfinite(negative);
      Rounding.store80(env);
      return;
    }
    if (Arithmetic.denormalStops(env)) {
      return;
    }
    if (unboundedLog || y.kind == Unpacked.INFINITE) {
      env.r.setInfinite(negative);
      Rounding.store80(env);
    } else if (one || y.kind == Unpacked.ZERO) {
      env.r.setZero(negative);
      Rounding.store80(env);
    } else {
      env.w.copy(x);
      Series.log2(env);
      Wide.mul(env.r, env.r, y);
      if (x.hi != Unpacked.INTEGER_BIT) {
        env.r.lo |= 1;
      }
      roundLogarithm(env);
    }
  }

  /** Silicon takes even the logarithm of a power of two for inexact. */
  private static void roundLogarithm(FloatEnv env) {
    Rounding.to80(env, 64);
    boolean denormal = env.r.kind == Unpacked.FINITE && env.r.hi >= 0;
    env.flags |= FloatEnv.PE | (denormal ? FloatEnv.UE : 0);
  }

  /** FYL2XP1: {@code y * log2(x + 1)}, x being ST(0); x itself where x is -1 or less. */
  public static void yLog2xPlus1(int xSe, long xM, int ySe, long yM, FloatEnv env) {
    Float80.load(env, xSe, xM, ySe, yM);
    if (settledBinary(env)) {
      return;
    }
    Unpacked x = env.a;
    Unpacked y = env.b;
    if ((x.kind == Unpacked.INFINITE && x.negative)
        || (x.kind == Unpacked.INFINITE && y.kind == Unpacked.ZERO)
        || (x.kind == Unpacked.ZERO && y.kind == Unpacked.INFINITE)) {
      storeInvalid(env);
      return;
    }
    if (Arithmetic.denormalStops(env)) {
      return;
    }
    boolean negative = x.negative != y.negative;
    if (x.kind == Unpacked.INFINITE || y.kind == Unpacked.INFINITE) {
      env.r.setInfinite(negative);
      Rounding.store80(env);
    } else if (x.kind == Unpacked.ZERO || y.kind == Unpacked.ZERO) {
      env.r.setZero(negative);
      Rounding.store80(env);
    } else if (x.negative && x.exp >= 0) {
      env.r.copy(x);
      env.flags |= FloatEnv.PE;
      Rounding.store80(env);
    } else {
      boolean exact = log2OfSum(env);
      Wide.mul(env.r, env.r, y);
      if (exact) {
        roundLogarithm(env);
      } else {
        roundInexact(env);
      }
    }
  }

  /** {@code r = log2(1 + a)}; whether it is exact, as that of a power of two. */
  private static boolean log2OfSum(FloatEnv env) {
    Unpacked a = env.a;
    Wide.one(env.u);
    if (a.exp <= -3) {
      env.t.copy(a);
      env.u.exp = 1;
      Wide.add(env.u, env.u, a);
      Series.log2OfRatio(env);
      return false;
    }
    Wide.add(env.w, env.u, a);
    boolean exact = env.w.hi == Unpacked.INTEGER_BIT && env.w.lo == 0;
    Series.log2(env);
    return exact;
  }

  /** FPATAN: the angle of the point (x, y), x being ST(0) and y ST(1). */
  public static void arcTangent(int xSe, long xM, int ySe, long yM, FloatEnv env) {
    Float80.load(env, xSe, xM, ySe, yM);
    if (settledBinary(env) || Arithmetic.denormalStops(env)) {
      return;
    }
    Unpacked x = env.a;
    Unpacked y = env.b;
    Unpacked r = env.r;
    boolean xSmall = x.kind == Unpacked.ZERO || (y.kind == Unpacked.INFINITE && x.kind != y.kind);
    boolean ySmall = y.kind == Unpacked.ZERO || (x.kind == Unpacked.INFINITE && x.kind != y.kind);
    if (ySmall && !x.negative) {
      r.setZero(y.negative);
      Rounding.store80(env);
      return;
    }
    if (ySmall) {
      Series.pi(r, 0);
    } else if (xSmall) {
      Series.pi(r, -1);
    } else if (x.kind == Unpacked.INFINITE) {
      Series.pi(r, -2);
      if (x.negative) {
        Series.pi(env.t, 0);
        Wide.sub(r, env.t, r);
      }
    } else {
      finiteArcTangent(env);
    }
    r.negative = y.negative;
    roundInexact(env);
  }

  private static void finiteArcTangent(FloatEnv env) {
    Unpacked x = env.a;
    Unpacked y = env.b;
    boolean xNegative = x.negative;
    boolean yNegative = y.negative;
    x.negative = false;
    y.negative = false;
    boolean steep = y.exp > x.exp || (y.exp == x.exp && Long.compareUnsigned(y.hi, x.hi) > 0);
    Wide.div(env.w, steep ? x : y, steep ? y : x, env.t);
    Series.atan(env);
    if (steep) {
      Series.pi(env.t, -1);
      Wide.sub(env.r, env.t, env.r);
    }
    if (xNegative) {
      Series.pi(env.t, 0);
      Wide.sub(env.r, env.t, env.r);
    }
    y.negative = yNegative;
  }

  /** Prepares {@code env.w}; the quadrant, or -1 settled, or -2 out of range. */
  private static int quadrant(FloatEnv env, int se, long m) {
    Float80.load(env, se, m);
    Unpacked a = env.a;
    if (a.kind == Unpacked.INFINITE) {
      storeInvalid(env);
      return -1;
    }
    if (settledUnary(env)) {
      return -1;
    }
    if (a.kind == Unpacked.ZERO) {
      env.r.copy(a);
      Rounding.store80(env);
      return -1;
    }
    if (a.exp >= 63) {
      env.signExp = se;
      env.mantissa = m;
      return -2;
    }
    return TrigonometricReduction.reduce(env);
  }

  private static void push(FloatEnv env, int se, long m) {
    env.pushedSignExp = se;
    env.pushedMantissa = m;
  }

  private static void sine(FloatEnv env, int quadrant) {
    boolean negative = env.a.negative != (quadrant >= 2);
    if ((quadrant & 1) == 0) {
      Series.sin(env);
    } else {
      Series.cos(env);
    }
    env.r.negative ^= negative;
  }

  private static void cosine(FloatEnv env, int quadrant) {
    if ((quadrant & 1) == 0) {
      Series.cos(env);
    } else {
      Series.sin(env);
    }
    env.r.negative ^= quadrant == 1 || quadrant == 2;
  }

  /** FSIN: false, with C2 to be set and nothing changed, if |x| is 2^63 or more. */
  public static boolean sin(int se, long m, FloatEnv env) {
    int quadrant = quadrant(env, se, m);
    if (quadrant >= 0) {
      sine(env, quadrant);
      roundInexact(env);
    }
    return quadrant != -2;
  }

  /** FCOS: false, with C2 to be set and nothing changed, if |x| is 2^63 or more. */
  public static boolean cos(int se, long m, FloatEnv env) {
    int quadrant = quadrant(env, se, m);
    if (quadrant >= 0) {
      cosine(env, quadrant);
      roundInexact(env);
    } else if (env.a.kind == Unpacked.ZERO) {
      Constant80.ONE.load(env);
    }
    return quadrant != -2;
  }

  /** FSINCOS: the sine replaces the operand, the cosine is pushed; false as for {@link #sin}. */
  public static boolean sinCos(int se, long m, FloatEnv env) {
    int quadrant = quadrant(env, se, m);
    if (quadrant >= 0) {
      cosine(env, quadrant);
      roundInexact(env);
      push(env, env.signExp, env.mantissa);
      sine(env, quadrant);
      roundInexact(env);
    } else if (env.a.kind == Unpacked.ZERO) {
      push(env, 0x3fff, Unpacked.INTEGER_BIT);
    } else {
      push(env, env.signExp, env.mantissa);
    }
    return quadrant != -2;
  }

  /** FPTAN: the tangent replaces the operand, 1.0 is pushed; false as for {@link #sin}. */
  public static boolean tan(int se, long m, FloatEnv env) {
    int quadrant = quadrant(env, se, m);
    if (quadrant >= 0) {
      cosine(env, quadrant);
      env.v.copy(env.r);
      sine(env, quadrant);
      env.x.copy(env.r);
      Wide.div(env.r, env.x, env.v, env.t);
      roundInexact(env);
      push(env, 0x3fff, Unpacked.INTEGER_BIT);
    } else if (env.a.kind == Unpacked.ZERO) {
      push(env, 0x3fff, Unpacked.INTEGER_BIT);
    } else {
      push(env, env.signExp, env.mantissa);
    }
    return quadrant != -2;
  }
}
