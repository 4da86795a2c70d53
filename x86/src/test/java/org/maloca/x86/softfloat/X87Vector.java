package org.maloca.x86.softfloat;

import java.util.List;

/**
 * One x87 instruction as silicon executed it; {@code status} is the status word without stack top
 * and summary bits.
 */
record X87Vector(
    int op,
    int rc,
    int precision,
    int unmasked,
    int status,
    int aSe,
    long aM,
    int bSe,
    long bM,
    int resultSe,
    long resultM,
    int pushedSe,
    long pushedM,
    long input,
    long integer) {

  /** What an instruction leaves: condition codes C0..C3 as in the status word, plus its result. */
  record Outcome(int conditions, long integer) {}

  private static final int C0 = 0x100;
  private static final int C1 = 0x200;
  private static final int C2 = 0x400;
  private static final int C3 = 0x4000;

  static List<X87Vector> all(String file) {
    return VectorFile.lines(file).map(X87Vector::parse).toList();
  }

  private static X87Vector parse(long[] f) {
    return new X87Vector(
        (int) f[0],
        (int) f[1],
        (int) f[2],
        (int) f[3],
        (int) f[4],
        (int) f[5],
        f[6],
        (int) f[7],
        f[8],
        (int) f[9],
        f[10],
        (int) f[11],
        f[12],
        f[13],
        f[14]);
  }

  FloatEnv newEnv() {
    FloatEnv env = new FloatEnv();
    env.rounding = rc;
    env.precision = precision;
    env.maskedExceptions = FloatEnv.ALL_EXCEPTIONS & ~unmasked;
    return env;
  }

  private boolean storesToMemory() {
    return op >= 8 && op <= 15;
  }

  /** Whether result, exceptions and condition codes are silicon's. */
  boolean matches(Outcome outcome, FloatEnv env) {
    return status == (env.flags | outcome.conditions())
        && (storesToMemory() ? outcome.integer() == integer : hasResult(env, 0));
  }

  /** As {@link #matches}, but the last place may differ and with it C1. */
  boolean matchesNearly(Outcome outcome, FloatEnv env) {
    return (status & ~C1) == ((env.flags | outcome.conditions()) & ~C1) && hasResult(env, 1);
  }

  private boolean hasResult(FloatEnv env, int places) {
    return near(env.signExp, env.mantissa, resultSe, resultM, places)
        && (!pushes() || near(env.pushedSignExp, env.pushedMantissa, pushedSe, pushedM, places));
  }

  private static boolean near(int se, long m, int expectedSe, long expectedM, int places) {
    return se == expectedSe && Math.abs(m - expectedM) <= places;
  }

  private boolean isTranscendental() {
    return op >= 40;
  }

  private boolean pushes() {
    return op == 20 || op >= 46;
  }

  /** Runs the operation; 80-bit results are in the environment. */
  Outcome run(FloatEnv env) {
    env.signExp = aSe;
    env.mantissa = aM;
    if (op == 5 || op == 6) {
      return new Outcome(compare(env), 0);
    }
    if (op == 26) {
      return new Outcome(conditionsOfClass(Float80.classify(aSe, aM)), 0);
    }
    if (op == 18 || op == 19) {
      return new Outcome(remainder(env), 0);
    }
    if (isTranscendental()) {
      boolean complete = transcendental(env);
      return new Outcome((complete ? 0 : C2) | (env.roundedUp ? C1 : 0), 0);
    }
    long value = storesToMemory() ? store(env) : 0;
    if (!storesToMemory()) {
      arithmetic(env);
    }
    return new Outcome(env.roundedUp ? C1 : 0, value);
  }

  private int compare(FloatEnv env) {
    int relation =
        op == 5
            ? Float80.compareQuiet(aSe, aM, bSe, bM, env)
            : Float80.compareSignaling(aSe, aM, bSe, bM, env);
    return switch (relation) {
      case -1 -> C0;
      case 0 -> C3;
      case 1 -> 0;
      default -> C0 | C2 | C3;
    };
  }

  private int conditionsOfClass(int c) {
    return (c & 1) * C0 + (c >> 1 & 1) * C2 + (c >> 2 & 1) * C3 + (aSe >> 15 & 1) * C1;
  }

  private int remainder(FloatEnv env) {
    int q =
        op == 18
            ? Float80.remainderTruncating(aSe, aM, bSe, bM, env)
            : Float80.remainderNearest(aSe, aM, bSe, bM, env);
    return (q & 1) * C1 + (q >> 1 & 1) * C3 + (q >> 2 & 1) * C0 + (q >> 3 & 1) * C2;
  }

  private long store(FloatEnv env) {
    return switch (op) {
      case 8 -> Float80.toInt(aSe, aM, 16, env);
      case 9 -> Float80.toInt(aSe, aM, 32, env);
      case 10 -> Float80.toInt(aSe, aM, 64, env);
      case 11 -> Float80.toIntTruncating(aSe, aM, 16, env);
      case 12 -> Float80.toIntTruncating(aSe, aM, 32, env);
      case 13 -> Float80.toIntTruncating(aSe, aM, 64, env);
      case 14 -> Float80.toFloat32(aSe, aM, env) & 0xffff_ffffL;
      default -> Float80.toFloat64(aSe, aM, env);
    };
  }

  private void arithmetic(FloatEnv env) {
    switch (op) {
      case 0 -> Float80.add(aSe, aM, bSe, bM, env);
      case 1 -> Float80.sub(aSe, aM, bSe, bM, env);
      case 2 -> Float80.mul(aSe, aM, bSe, bM, env);
      case 3 -> Float80.div(aSe, aM, bSe, bM, env);
      case 4 -> Float80.sqrt(aSe, aM, env);
      case 7 -> Float80.roundToIntegral(aSe, aM, env);
      case 16, 17 -> Float80.scale(aSe, aM, bSe, bM, env);
      case 20 -> Float80.extract(aSe, aM, env);
      case 21 -> Float80.fromFloat32((int) input, env);
      case 22 -> Float80.fromFloat64(input, env);
      case 23 -> Float80.fromInt(input, env);
      case 24 -> PackedBcd.store(aSe, aM, env);
      case 25 -> PackedBcd.load(aSe, aM, env);
      case 27 -> Constant80.LOG2_10.load(env);
      case 28 -> Constant80.LOG2_E.load(env);
      case 29 -> Constant80.PI.load(env);
      case 30 -> Constant80.LOG10_2.load(env);
      case 31 -> Constant80.LN_2.load(env);
      default -> throw new IllegalArgumentException("operation " + op);
    }
  }

  private boolean transcendental(FloatEnv env) {
    switch (op) {
      case 40 -> Transcendental.exp2Minus1(aSe, aM, env);
      case 41 -> Transcendental.yLog2x(aSe, aM, bSe, bM, env);
      case 42 -> Transcendental.yLog2xPlus1(aSe, aM, bSe, bM, env);
      case 43 -> Transcendental.arcTangent(aSe, aM, bSe, bM, env);
      case 44 -> {
        return Transcendental.sin(aSe, aM, env);
      }
      case 45 -> {
        return Transcendental.cos(aSe, aM, env);
      }
      case 46 -> {
        return Transcendental.sinCos(aSe, aM, env);
      }
      case 47 -> {
        return Transcendental.tan(aSe, aM, env);
      }
      default -> throw new IllegalArgumentException("operation " + op);
    }
    return true;
  }
}
