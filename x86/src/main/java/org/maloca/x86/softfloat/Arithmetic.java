package org.maloca.x86.softfloat;

/**
 * The operations on {@link Unpacked} operands {@code env.a}, {@code env.b}, {@code env.c}, special
 * cases first, leaving an unrounded {@code env.r}. {@code x87} selects the x87 rules for NaN
 * operands (Intel SDM volume 1, table 4-7) instead of the SSE ones. Order of exceptions per SDM
 * volume 1, 4.9.2: invalid operand, NaN, other invalid and divide by zero, denormal, then numeric
 * ones.
 */
final class Arithmetic {
  private Arithmetic() {}

  static void add(FloatEnv env, boolean subtract, boolean x87) {
    if (propagateNan(env, x87)) {
      return;
    }
    Unpacked a = env.a;
    Unpacked b = env.b;
    boolean bNegative = b.negative != subtract;
    if (a.kind == Unpacked.INFINITE && b.kind == Unpacked.INFINITE && a.negative != bNegative) {
      env.invalid();
      return;
    }
    if (denormalStops(env)) {
      return;
    }
    boolean down = env.rounding == FloatEnv.DOWN;
    if (a.kind == Unpacked.FINITE && b.kind == Unpacked.FINITE) {
      Significand.add(env.r, a, b, bNegative, down);
    } else if (a.kind == Unpacked.INFINITE) {
      env.r.copy(a);
    } else if (b.kind == Unpacked.INFINITE || a.kind == Unpacked.ZERO) {
      env.r.copy(b);
      env.r.negative = bNegative;
      if (b.kind == Unpacked.ZERO && a.negative != bNegative) {
        env.r.negative = down;
      }
    } else {
      env.r.copy(a);
    }
  }

  static void multiply(FloatEnv env, boolean x87) {
    if (propagateNan(env, x87)) {
      return;
    }
    Unpacked a = env.a;
    Unpacked b = env.b;
    boolean infinite = a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE;
    boolean zero = a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO;
    if (infinite && zero) {
      env.invalid();
      return;
    }
    if (denormalStops(env)) {
      return;
    }
    if (infinite) {
      env.r.setInfinite(a.negative != b.negative);
    } else if (zero) {
      env.r.setZero(a.negative != b.negative);
    } else {
      Significand.multiply(env.r, a, b);
    }
  }

  static void divide(FloatEnv env, boolean x87) {
    if (propagateNan(env, x87)) {
      return;
    }
    Unpacked a = env.a;
    Unpacked b = env.b;
    boolean negative = a.negative != b.negative;
    if (a.kind == b.kind && a.kind != Unpacked.FINITE) {
      env.invalid();
      return;
    }
    if (b.kind == Unpacked.ZERO && a.kind == Unpacked.FINITE) {
      env.flags |= FloatEnv.ZE;
      env.r.setInfinite(negative);
      return;
    }
    if (denormalStops(env)) {
      return;
    }
    if (a.kind == Unpacked.INFINITE || b.kind == Unpacked.ZERO) {
      env.r.setInfinite(negative);
    } else if (a.kind == Unpacked.ZERO || b.kind == Unpacked.INFINITE) {
      env.r.setZero(negative);
    } else {
      Significand.divide(env.r, a, b);
    }
  }

  /** Square root of {@code env.a}. */
  static void squareRoot(FloatEnv env) {
    Unpacked a = env.a;
    if (propagateNan(env)) {
      return;
    }
    if (a.kind == Unpacked.ZERO) {
      env.r.copy(a);
    } else if (a.negative) {
      env.invalid();
    } else if (a.kind == Unpacked.INFINITE) {
      env.r.copy(a);
    } else {
      if (a.denormal) {
        env.flags |= FloatEnv.DE;
        if (!env.isMasked(FloatEnv.DE)) {
          env.r.setZero(false);
          return;
        }
      }
      Significand.squareRoot(env.r, a);
    }
  }

  /** SSE fused {@code a * b + c} with one rounding; the product or {@code c} may be negated. */
  static void multiplyAdd(FloatEnv env, boolean negateProduct, boolean negateC) {
    Unpacked a = env.a;
    Unpacked b = env.b;
    Unpacked c = env.c;
    Unpacked r = env.r;
    if (a.isNan() || b.isNan() || c.isNan()) {
      if (a.kind == Unpacked.SNAN || b.kind == Unpacked.SNAN || c.kind == Unpacked.SNAN) {
        env.flags |= FloatEnv.IE;
      }
      r.setQuiet(a.isNan() ? a : b.isNan() ? b : c);
      return;
    }
    boolean infinite = a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE;
    boolean zero = a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO;
    boolean pNegative = (a.negative != b.negative) != negateProduct;
    boolean cNegative = c.negative != negateC;
    if ((infinite && zero) || (infinite && c.kind == Unpacked.INFINITE && pNegative != cNegative)) {
      env.invalid();
      return;
    }
    if (a.denormal || b.denormal || c.denormal) {
      env.flags |= FloatEnv.DE;
      if (!env.isMasked(FloatEnv.DE)) {
        r.setZero(false);
        return;
      }
    }
    if (infinite) {
      r.setInfinite(pNegative);
    } else if (c.kind == Unpacked.INFINITE) {
      r.setInfinite(cNegative);
    } else if (zero) {
      r.copy(c);
      r.negative = cNegative;
      if (c.kind == Unpacked.ZERO && cNegative != pNegative) {
        r.negative = env.rounding == FloatEnv.DOWN;
      }
    } else {
      Significand.multiply(r, a, b);
      r.negative = pNegative;
      if (c.kind == Unpacked.FINITE) {
        Significand.add(r, r, c, cNegative, env.rounding == FloatEnv.DOWN);
      }
    }
  }

  /** Compares {@code env.a} with {@code env.b}: -1, 0, 1, or 2 for unordered. */
  static int compare(FloatEnv env, boolean signaling) {
    Unpacked a = env.a;
    Unpacked b = env.b;
    if (a.isNan() || b.isNan()) {
      if (signaling || a.kind >= Unpacked.SNAN || b.kind >= Unpacked.SNAN) {
        env.flags |= FloatEnv.IE;
      }
      return 2;
    }
    if (a.denormal || b.denormal) {
      env.flags |= FloatEnv.DE;
    }
    if (a.kind == Unpacked.ZERO && b.kind == Unpacked.ZERO) {
      return 0;
    }
    if (a.kind == Unpacked.ZERO) {
      return b.negative ? 1 : -1;
    }
    if (b.kind == Unpacked.ZERO || a.negative != b.negative) {
      return a.negative ? -1 : 1;
    }
    int magnitude = compareMagnitude(a, b);
    return a.negative ? -magnitude : magnitude;
  }

  private static int compareMagnitude(Unpacked a, Unpacked b) {
    if (a.kind != b.kind) {
      return a.kind < b.kind ? -1 : 1;
    }
    if (a.kind == Unpacked.INFINITE) {
      return 0;
    }
    int c = a.exp != b.exp ? Integer.compare(a.exp, b.exp) : Long.compareUnsigned(a.hi, b.hi);
    return Integer.signum(c);
  }

  /** Raises DE for a denormal operand; true when that exception is unmasked. */
  static boolean denormalStops(FloatEnv env) {
    if (!env.a.denormal && !env.b.denormal) {
      return false;
    }
    env.flags |= FloatEnv.DE;
    if (env.isMasked(FloatEnv.DE)) {
      return false;
    }
    env.r.setZero(false);
    return true;
  }

  /** Makes a NaN in {@code env.a} the result. */
  static boolean propagateNan(FloatEnv env) {
    Unpacked a = env.a;
    if (!a.isNan()) {
      return false;
    }
    if (a.kind == Unpacked.UNSUPPORTED) {
      env.invalid();
      return true;
    }
    if (a.kind == Unpacked.SNAN) {
      env.flags |= FloatEnv.IE;
    }
    env.r.setQuiet(a);
    return true;
  }

  /** Makes a NaN in {@code env.a} or {@code env.b} the result. */
  static boolean propagateNan(FloatEnv env, boolean x87) {
    Unpacked a = env.a;
    Unpacked b = env.b;
    if (!a.isNan() && !b.isNan()) {
      return false;
    }
    if (a.kind == Unpacked.UNSUPPORTED || b.kind == Unpacked.UNSUPPORTED) {
      env.invalid();
      return true;
    }
    if (a.kind == Unpacked.SNAN || b.kind == Unpacked.SNAN) {
      env.flags |= FloatEnv.IE;
    }
    env.r.setQuiet(x87 ? selectX87(a, b) : a.isNan() ? a : b);
    return true;
  }

  private static Unpacked selectX87(Unpacked a, Unpacked b) {
    if (!a.isNan() || !b.isNan()) {
      return a.isNan() ? a : b;
    }
    if (a.kind != b.kind) {
      return a.kind == Unpacked.QNAN ? a : b;
    }
    int c = Long.compareUnsigned(a.hi, b.hi);
    return c > 0 || (c == 0 && !a.negative) ? a : b;
  }
}
