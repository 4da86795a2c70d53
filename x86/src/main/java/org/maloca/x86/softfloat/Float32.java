package org.maloca.x86.softfloat;

/**
 * SSE and AVX scalar arithmetic on binary32 values held as bits (Intel SDM volume 1, chapter 11 and
 * appendix E for NaN operands and exceptions). Round-to-nearest with ordinary operands is computed
 * by the host; everything else goes the exact way.
 */
public final class Float32 {
  /** The QNaN real indefinite. */
  public static final int DEFAULT_NAN = 0xffc0_0000;

  private static final int MAGNITUDE = Integer.MAX_VALUE;
  private static final int QUIET_BIT = 1 << 22;
  private static final int INFINITY = 0xff << 23;
  private static final int ONE_ULP_EXPONENT = 1 << 23;

  private Float32() {}

  /** Whether the host's result needs no second look: exponent in 2..253, so no tininess. */
  private static boolean comfortable(int bits) {
    int e = bits & INFINITY;
    return e > ONE_ULP_EXPONENT && e < INFINITY - ONE_ULP_EXPONENT;
  }

  private static boolean comfortableOrZero(int bits) {
    return comfortable(bits) || bits << 1 == 0;
  }

  private static boolean isNan(int bits) {
    return (bits & MAGNITUDE) > INFINITY;
  }

  private static boolean isSignalingNan(int bits) {
    return isNan(bits) && (bits & QUIET_BIT) == 0;
  }

  private static boolean isDenormal(int bits) {
    int m = bits & MAGNITUDE;
    return m != 0 && m < ONE_ULP_EXPONENT;
  }

  private static void load(FloatEnv env, int a, int b) {
    env.a.load32(a, env.denormalsAreZero);
    env.b.load32(b, env.denormalsAreZero);
  }

  private static void load(FloatEnv env, int a) {
    env.a.load32(a, env.denormalsAreZero);
  }

  public static int add(int a, int b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortableOrZero(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float sum = x + y;
      int bits = Float.floatToRawIntBits(sum);
      if (comfortableOrZero(bits)) {
        if ((env.flags & FloatEnv.PE) == 0 && sumError(x, y, sum) != 0) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    return addExactly(a, b, false, env);
  }

  public static int sub(int a, int b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortableOrZero(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float sum = x - y;
      int bits = Float.floatToRawIntBits(sum);
      if (comfortableOrZero(bits)) {
        if ((env.flags & FloatEnv.PE) == 0 && sumError(x, -y, sum) != 0) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    return addExactly(a, b, true, env);
  }

  /** Knuth's TwoSum: what the rounded sum leaves out. */
  private static float sumError(float x, float y, float sum) {
    float yPart = sum - x;
    return (x - (sum - yPart)) + (y - yPart);
  }

  private static int addExactly(int a, int b, boolean subtract, FloatEnv env) {
    load(env, a, b);
    Arithmetic.add(env, subtract, false);
    return Rounding.to32(env);
  }

  public static int mul(int a, int b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortableOrZero(b)) {
      double product = (double) Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
      float rounded = (float) product;
      int bits = Float.floatToRawIntBits(rounded);
      if (product == 0 || comfortable(bits)) {
        if (rounded != product) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    load(env, a, b);
    Arithmetic.multiply(env, false);
    return Rounding.to32(env);
  }

  public static int div(int a, int b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortable(b)) {
      float dividend = Float.intBitsToFloat(a);
      float divisor = Float.intBitsToFloat(b);
      float quotient = dividend / divisor;
      int bits = Float.floatToRawIntBits(quotient);
      if (dividend == 0 || comfortable(bits)) {
        if ((double) quotient * divisor != dividend) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    load(env, a, b);
    Arithmetic.divide(env, false);
    return Rounding.to32(env);
  }

  public static int sqrt(int a, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && a >= 0 && comfortable(a)) {
      float square = Float.intBitsToFloat(a);
      float root = (float) Math.sqrt(square);
      if ((double) root * root != square) {
        env.flags |= FloatEnv.PE;
      }
      return Float.floatToRawIntBits(root);
    }
    load(env, a);
    Arithmetic.squareRoot(env);
    return Rounding.to32(env);
  }

  /**
   * RCPSS: within 1.5 * 2^-12 of the reciprocal, as architecture asks; denormals count as zero and
   * tiny results become zero. Raises nothing.
   */
  public static int rcp(int a) {
    if (isNan(a)) {
      return a | QUIET_BIT;
    }
    if ((a & INFINITY) == 0) {
      return a & ~MAGNITUDE | INFINITY;
    }
    return truncated(1 / Float.intBitsToFloat(a));
  }

  /** RSQRTSS: within 1.5 * 2^-12 of the reciprocal square root. Raises nothing. */
  public static int rsqrt(int a) {
    if (isNan(a)) {
      return a | QUIET_BIT;
    }
    if ((a & INFINITY) == 0) {
      return a & ~MAGNITUDE | INFINITY;
    }
    if (a < 0) {
      return DEFAULT_NAN;
    }
    return truncated((float) (1 / Math.sqrt(Float.intBitsToFloat(a))));
  }

  /** Rounds to 13 significant bits, as a table does; flushes denormals. */
  private static int truncated(float x) {
    int bits = Float.floatToRawIntBits(x);
    int e = bits & INFINITY;
    if (e == 0) {
      return bits & ~MAGNITUDE;
    }
    return e == INFINITY ? bits : bits + (1 << 10) & ~0x7ff;
  }

  /** Fused {@code a * b + c}; NaN operands win in the order a, b, c. */
  public static int mulAdd(int a, int b, int c, FloatEnv env) {
    return mulAdd(a, b, c, false, false, env);
  }

  /** Fused {@code +-(a * b) +- c}, negations not applying to a NaN result. */
  public static int mulAdd(
      int a, int b, int c, boolean negateProduct, boolean negateC, FloatEnv env) {
    load(env, a, b);
    env.c.load32(c, env.denormalsAreZero);
    Arithmetic.multiplyAdd(env, negateProduct, negateC);
    return Rounding.to32(env);
  }

  /** MINPS semantics: the second operand for two zeros or any NaN. */
  public static int min(int a, int b, FloatEnv env) {
    return select(a, b, -1, env);
  }

  /** MAXPS semantics: the second operand for two zeros or any NaN. */
  public static int max(int a, int b, FloatEnv env) {
    return select(a, b, 1, env);
  }

  private static int select(int a, int b, int wanted, FloatEnv env) {
    boolean first = compareSignaling(a, b, env) == wanted;
    int chosen = first ? a : b;
    return env.denormalsAreZero && isDenormal(chosen) ? chosen & ~MAGNITUDE : chosen;
  }

  /** UCOMISS semantics: -1, 0, 1, or 2 for unordered; IE for signaling NaNs. */
  public static int compareQuiet(int a, int b, FloatEnv env) {
    return compare(a, b, false, env);
  }

  /** COMISS semantics: as {@link #compareQuiet} but IE for every NaN. */
  public static int compareSignaling(int a, int b, FloatEnv env) {
    return compare(a, b, true, env);
  }

  private static int compare(int a, int b, boolean signaling, FloatEnv env) {
    if (isNan(a) || isNan(b)) {
      if (signaling || isSignalingNan(a) || isSignalingNan(b)) {
        env.flags |= FloatEnv.IE;
      }
      return 2;
    }
    if (isDenormal(a) || isDenormal(b)) {
      if (env.denormalsAreZero) {
        a = isDenormal(a) ? 0 : a;
        b = isDenormal(b) ? 0 : b;
      } else {
        env.flags |= FloatEnv.DE;
      }
    }
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }

  /** CMPPS with an AVX predicate 0..31 (0..7 are the legacy ones): whether it holds. */
  public static boolean compare(int predicate, int a, int b, FloatEnv env) {
    return Predicate.holds(predicate, compare(a, b, Predicate.signaling(predicate), env));
  }

  /** CVTSx2SI rounding as {@code env.rounding}. */
  public static int toInt32(int a, FloatEnv env) {
    return toInt32(a, env.rounding, env);
  }

  /** CVTTSx2SI. */
  public static int toInt32Truncating(int a, FloatEnv env) {
    return toInt32(a, FloatEnv.TOWARD_ZERO, env);
  }

  private static int toInt32(int a, int rc, FloatEnv env) {
    double x = Float.intBitsToFloat(a);
    if (Math.abs(x) < 0x1p30 && rc != FloatEnv.DOWN && rc != FloatEnv.UP && !isDenormal(a)) {
      int i = (int) (rc == FloatEnv.NEAREST_EVEN ? Math.rint(x) : x);
      if (i != x) {
        env.flags |= FloatEnv.PE;
      }
      return i;
    }
    load(env, a);
    return (int) IntegerConversion.toInt(env, 32, rc);
  }

  public static long toInt64(int a, FloatEnv env) {
    return toInt64(a, env.rounding, env);
  }

  public static long toInt64Truncating(int a, FloatEnv env) {
    return toInt64(a, FloatEnv.TOWARD_ZERO, env);
  }

  private static long toInt64(int a, int rc, FloatEnv env) {
    double x = Float.intBitsToFloat(a);
    if (Math.abs(x) < 0x1p62 && rc != FloatEnv.DOWN && rc != FloatEnv.UP && !isDenormal(a)) {
      long i = (long) (rc == FloatEnv.NEAREST_EVEN ? Math.rint(x) : x);
      if (i != x) {
        env.flags |= FloatEnv.PE;
      }
      return i;
    }
    load(env, a);
    return IntegerConversion.toInt(env, 64, rc);
  }

  public static int fromInt32(int i, FloatEnv env) {
    return fromInt64(i, env);
  }

  public static int fromInt64(long i, FloatEnv env) {
    if (i << 40 >> 40 == i) {
      return Float.floatToRawIntBits(i);
    }
    env.r.setInteger(i < 0, Math.abs(i));
    return Rounding.to32(env);
  }

  /** CVTSS2SD. */
  public static long toFloat64(int a, FloatEnv env) {
    if (comfortableOrZero(a)) {
      return Double.doubleToRawLongBits(Float.intBitsToFloat(a));
    }
    load(env, a);
    if (!Arithmetic.propagateNan(env)) {
      env.r.copy(env.a);
      env.b.setZero(false);
      Arithmetic.denormalStops(env);
    }
    return Rounding.to64(env);
  }

  /** ROUNDSx: {@code rc} in RC encoding, PE not raised when {@code suppressPrecision}. */
  public static int roundToIntegral(int a, int rc, boolean suppressPrecision, FloatEnv env) {
    load(env, a);
    IntegerConversion.toIntegral(env, rc, suppressPrecision);
    Unpacked r = env.r;
    if (r.kind == Unpacked.FINITE) {
      return a & ~MAGNITUDE | (r.exp + 127) << 23 | (int) (r.hi << 1 >>> 41);
    }
    return Rounding.to32(env);
  }
}
