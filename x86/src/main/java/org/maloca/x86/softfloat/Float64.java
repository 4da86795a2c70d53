package org.maloca.x86.softfloat;

/**
 * SSE and AVX scalar arithmetic on binary64 values held as bits (Intel SDM volume 1, chapter 11 and
 * appendix E for NaN operands and exceptions). Round-to-nearest with ordinary operands is computed
 * by the host; everything else goes the exact way.
 */
public final class Float64 {
  /** The QNaN real indefinite. */
  public static final long DEFAULT_NAN = 0xfff8_0000_0000_0000L;

  private static final long MAGNITUDE = Long.MAX_VALUE;
  private static final long QUIET_BIT = 1L << 51;
  private static final long INFINITY = 0x7ffL << 52;
  private static final long ONE_ULP_EXPONENT = 1L << 52;

  private Float64() {}

  /** Whether the host's result needs no second look: exponent in 2..2045, so no tininess. */
  private static boolean comfortable(long bits) {
    long e = bits & INFINITY;
    return e > ONE_ULP_EXPONENT && e < INFINITY - ONE_ULP_EXPONENT;
  }

  private static boolean comfortableOrZero(long bits) {
    return comfortable(bits) || bits << 1 == 0;
  }

  private static boolean isNan(long bits) {
    return (bits & MAGNITUDE) > INFINITY;
  }

  private static boolean isSignalingNan(long bits) {
    return isNan(bits) && (bits & QUIET_BIT) == 0;
  }

  private static boolean isDenormal(long bits) {
    long m = bits & MAGNITUDE;
    return m != 0 && m < ONE_ULP_EXPONENT;
  }

  private static void load(FloatEnv env, long a, long b) {
    env.a.load64(a, env.denormalsAreZero);
    env.b.load64(b, env.denormalsAreZero);
  }

  private static void load(FloatEnv env, long a) {
    env.a.load64(a, env.denormalsAreZero);
  }

  public static long add(long a, long b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortableOrZero(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double sum = x + y;
      long bits = Double.doubleToRawLongBits(sum);
      if (comfortableOrZero(bits)) {
        if ((env.flags & FloatEnv.PE) == 0 && sumError(x, y, sum) != 0) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    return addExactly(a, b, false, env);
  }

  public static long sub(long a, long b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortableOrZero(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double sum = x - y;
      long bits = Double.doubleToRawLongBits(sum);
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
  private static double sumError(double x, double y, double sum) {
    double yPart = sum - x;
    return (x - (sum - yPart)) + (y - yPart);
  }

  private static long addExactly(long a, long b, boolean subtract, FloatEnv env) {
    load(env, a, b);
    Arithmetic.add(env, subtract, false);
    return Rounding.to64(env);
  }

  public static long mul(long a, long b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortableOrZero(b)) {
      double product = Double.longBitsToDouble(a) * Double.longBitsToDouble(b);
      long bits = Double.doubleToRawLongBits(product);
      if (a << 1 == 0 || b << 1 == 0) {
        return bits;
      }
      if (comfortable(bits)) {
        if ((env.flags & FloatEnv.PE) == 0 && !productExact(a, b, bits)) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    load(env, a, b);
    Arithmetic.multiply(env, false);
    return Rounding.to64(env);
  }

  public static long div(long a, long b, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && comfortableOrZero(a) && comfortable(b)) {
      double dividend = Double.longBitsToDouble(a);
      double divisor = Double.longBitsToDouble(b);
      double quotient = dividend / divisor;
      long bits = Double.doubleToRawLongBits(quotient);
      if (a << 1 == 0) {
        return bits;
      }
      if (comfortable(bits)) {
        if ((env.flags & FloatEnv.PE) == 0
            && !(quotient * divisor == dividend && productExact(bits, b, a))) {
          env.flags |= FloatEnv.PE;
        }
        return bits;
      }
    }
    load(env, a, b);
    Arithmetic.divide(env, false);
    return Rounding.to64(env);
  }

  public static long sqrt(long a, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN && a >= 0 && comfortable(a)) {
      double square = Double.longBitsToDouble(a);
      double root = Math.sqrt(square);
      long bits = Double.doubleToRawLongBits(root);
      if ((env.flags & FloatEnv.PE) == 0
          && !(root * root == square && productExact(bits, bits, a))) {
        env.flags |= FloatEnv.PE;
      }
      return bits;
    }
    load(env, a);
    Arithmetic.squareRoot(env);
    return Rounding.to64(env);
  }

  /** Whether the product of two normal numbers, rounded to {@code product}, lost no bit. */
  private static boolean productExact(long a, long b, long product) {
    int lowest = trailingZeros(a) + trailingZeros(b);
    int carry = exponent(product) - exponent(a) - exponent(b) + 1023;
    return 104 + carry - lowest < 53;
  }

  private static int exponent(long bits) {
    return (int) (bits >>> 52) & 0x7ff;
  }

  private static int trailingZeros(long bits) {
    return Long.numberOfTrailingZeros(bits | 1L << 52);
  }

  /** Fused {@code a * b + c}; NaN operands win in the order a, b, c. */
  public static long mulAdd(long a, long b, long c, FloatEnv env) {
    return mulAdd(a, b, c, false, false, env);
  }

  /** Fused {@code +-(a * b) +- c}, negations not applying to a NaN result. */
  public static long mulAdd(
      long a, long b, long c, boolean negateProduct, boolean negateC, FloatEnv env) {
    load(env, a, b);
    env.c.load64(c, env.denormalsAreZero);
    Arithmetic.multiplyAdd(env, negateProduct, negateC);
    return Rounding.to64(env);
  }

  /** MINPS semantics: the second operand for two zeros or any NaN. */
  public static long min(long a, long b, FloatEnv env) {
    return select(a, b, -1, env);
  }

  /** MAXPS semantics: the second operand for two zeros or any NaN. */
  public static long max(long a, long b, FloatEnv env) {
    return select(a, b, 1, env);
  }

  private static long select(long a, long b, int wanted, FloatEnv env) {
    boolean first = compareSignaling(a, b, env) == wanted;
    long chosen = first ? a : b;
    return env.denormalsAreZero && isDenormal(chosen) ? chosen & ~MAGNITUDE : chosen;
  }

  /** UCOMISS semantics: -1, 0, 1, or 2 for unordered; IE for signaling NaNs. */
  public static int compareQuiet(long a, long b, FloatEnv env) {
    return compare(a, b, false, env);
  }

  /** COMISS semantics: as {@link #compareQuiet} but IE for every NaN. */
  public static int compareSignaling(long a, long b, FloatEnv env) {
    return compare(a, b, true, env);
  }

  private static int compare(long a, long b, boolean signaling, FloatEnv env) {
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
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }

  /** CMPPS with an AVX predicate 0..31 (0..7 are the legacy ones): whether it holds. */
  public static boolean compare(int predicate, long a, long b, FloatEnv env) {
    return Predicate.holds(predicate, compare(a, b, Predicate.signaling(predicate), env));
  }

  /** CVTSx2SI rounding as {@code env.rounding}. */
  public static int toInt32(long a, FloatEnv env) {
    return toInt32(a, env.rounding, env);
  }

  /** CVTTSx2SI. */
  public static int toInt32Truncating(long a, FloatEnv env) {
    return toInt32(a, FloatEnv.TOWARD_ZERO, env);
  }

  private static int toInt32(long a, int rc, FloatEnv env) {
    double x = Double.longBitsToDouble(a);
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

  public static long toInt64(long a, FloatEnv env) {
    return toInt64(a, env.rounding, env);
  }

  public static long toInt64Truncating(long a, FloatEnv env) {
    return toInt64(a, FloatEnv.TOWARD_ZERO, env);
  }

  private static long toInt64(long a, int rc, FloatEnv env) {
    double x = Double.longBitsToDouble(a);
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

  public static long fromInt32(int i) {
    return Double.doubleToRawLongBits(i);
  }

  public static long fromInt64(long i, FloatEnv env) {
    if (i << 11 >> 11 == i) {
      return Double.doubleToRawLongBits(i);
    }
    env.r.setInteger(i < 0, Math.abs(i));
    return Rounding.to64(env);
  }

  /** CVTSD2SS. */
  public static int toFloat32(long a, FloatEnv env) {
    if (env.rounding == FloatEnv.NEAREST_EVEN) {
      double x = Double.longBitsToDouble(a);
      double magnitude = Math.abs(x);
      if (magnitude > 0x1p-125 && magnitude < 0x1p127) {
        float f = (float) x;
        if (f != x) {
          env.flags |= FloatEnv.PE;
        }
        return Float.floatToRawIntBits(f);
      }
    }
    load(env, a);
    if (!Arithmetic.propagateNan(env)) {
      env.r.copy(env.a);
      env.b.setZero(false);
      Arithmetic.denormalStops(env);
    }
    return Rounding.to32(env);
  }

  /** ROUNDSx: {@code rc} in RC encoding, PE not raised when {@code suppressPrecision}. */
  public static long roundToIntegral(long a, int rc, boolean suppressPrecision, FloatEnv env) {
    load(env, a);
    IntegerConversion.toIntegral(env, rc, suppressPrecision);
    Unpacked r = env.r;
    if (r.kind == Unpacked.FINITE) {
      return a & ~MAGNITUDE | (long) (r.exp + 1023) << 52 | r.hi << 1 >>> 12;
    }
    return Rounding.to64(env);
  }
}
