package org.maloca.x86.softfloat;

/** FPREM, FPREM1, FSCALE and FXTRACT on {@code env.a} and {@code env.b} (SDM volume 2). */
final class Remainder {
  private Remainder() {}

  static int remainder(FloatEnv env, boolean nearest) {
    Unpacked a = env.a;
    Unpacked b = env.b;
    Unpacked r = env.r;
    if (Arithmetic.propagateNan(env, true)) {
      Rounding.store80(env);
      return 0;
    }
    if (a.kind == Unpacked.INFINITE || b.kind == Unpacked.ZERO) {
      env.invalid();
      Rounding.store80(env);
      return 0;
    }
    if (Arithmetic.denormalStops(env)) {
      return 0;
    }
    int quotient = 0;
    if (a.kind == Unpacked.ZERO || b.kind == Unpacked.INFINITE) {
      r.copy(a);
    } else if (a.exp - b.exp >= 64) {
      reducePartly(env);
      quotient = Float80.INCOMPLETE;
    } else {
      quotient = reduce(env, nearest);
    }
    Rounding.to80(env, 64);
    return quotient;
  }

  /** Takes 32 to 63 bits off the exponent difference. */
  private static void reducePartly(FloatEnv env) {
    int difference = env.a.exp - env.b.exp;
    int n = 32 + (difference & 31);
    Unpacked a = env.a;
    long d = env.b.hi;
    long lo = a.hi << n;
    long q = Significand.divide128(a.hi >>> (64 - n), lo, d);
    setRemainder(env, lo - q * d, env.b.exp + difference - n);
  }

  private static int reduce(FloatEnv env, boolean nearest) {
    Unpacked a = env.a;
    int n = a.exp - env.b.exp;
    long d = env.b.hi;
    if (n < 0) {
      return nearest && n == -1 ? reduceHalf(env) : keep(env);
    }
    long hi = n == 0 ? 0 : a.hi >>> (64 - n);
    long lo = a.hi << n;
    long q = Significand.divide128(hi, lo, d);
    long rem = lo - q * d;
    boolean flip = false;
    if (nearest && rem != 0) {
      int c = Long.compareUnsigned(rem, d - rem);
      flip = c > 0 || (c == 0 && (q & 1) != 0);
    }
    if (flip) {
      rem = d - rem;
      q++;
    }
    setRemainder(env, rem, env.b.exp);
    env.r.negative ^= flip;
    return (int) q & 7;
  }

  private static int keep(FloatEnv env) {
    env.r.copy(env.a);
    return 0;
  }

  /** Exponent of the dividend one less: the nearest quotient is zero or one. */
  private static int reduceHalf(FloatEnv env) {
    long n = env.a.hi;
    long d = env.b.hi;
    if (Long.compareUnsigned(n, d) <= 0) {
      return keep(env);
    }
    setRemainder(env, d - (n - d), env.b.exp - 1);
    env.r.negative ^= true;
    return 1;
  }

  private static void setRemainder(FloatEnv env, long rem, int exp) {
    env.r.setInteger(env.a.negative, rem);
    env.r.exp += exp - 63;
  }

  static void scale(FloatEnv env) {
    Unpacked a = env.a;
    Unpacked b = env.b;
    Unpacked r = env.r;
    if (Arithmetic.propagateNan(env, true)) {
      Rounding.store80(env);
      return;
    }
    boolean invalid =
        b.kind == Unpacked.INFINITE
            && (b.negative ? a.kind == Unpacked.INFINITE : a.kind == Unpacked.ZERO);
    if (invalid) {
      env.invalid();
      Rounding.store80(env);
      return;
    }
    if (Arithmetic.denormalStops(env)) {
      return;
    }
    r.copy(a);
    if (b.kind == Unpacked.INFINITE && a.kind == Unpacked.FINITE) {
      if (b.negative) {
        r.setZero(a.negative);
      } else {
        r.setInfinite(a.negative);
      }
    } else if (b.kind == Unpacked.FINITE && a.kind == Unpacked.FINITE && b.exp >= 0) {
      int n = b.exp > 16 ? 1 << 17 : (int) (b.hi >>> (63 - b.exp));
      r.exp += b.negative ? -n : n;
    }
    Rounding.to80(env, 64);
  }

  static void extract(FloatEnv env) {
    Unpacked a = env.a;
    Unpacked r = env.r;
    if (Arithmetic.propagateNan(env)) {
      push(env);
      return;
    }
    if (Arithmetic.denormalStops(env)) {
      return;
    }
    r.copy(a);
    r.exp = 0;
    push(env);
    switch (a.kind) {
      case Unpacked.ZERO -> {
        env.flags |= FloatEnv.ZE;
        r.setInfinite(true);
      }
      case Unpacked.INFINITE -> r.setInfinite(false);
      default -> r.setInteger(a.exp < 0, Math.abs(a.exp));
    }
    Rounding.store80(env);
  }

  /** Stores {@code env.r} both as the pushed and as the replacing result. */
  private static void push(FloatEnv env) {
    Rounding.store80(env);
    env.pushedSignExp = env.signExp;
    env.pushedMantissa = env.mantissa;
  }
}
