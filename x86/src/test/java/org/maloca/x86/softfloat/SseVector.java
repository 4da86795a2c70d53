package org.maloca.x86.softfloat;

import java.util.List;

/** One SSE instruction as silicon executed it: operands, controls, exceptions, result. */
record SseVector(
    int op,
    boolean isDouble,
    int rc,
    boolean ftz,
    boolean daz,
    int flags,
    int unmasked,
    long a,
    long b,
    long c,
    long result) {

  static List<SseVector> all() {
    return VectorFile.lines("sse-vectors.txt").map(SseVector::parse).toList();
  }

  private static SseVector parse(long[] f) {
    return new SseVector(
        (int) f[0],
        f[1] != 0,
        (int) f[2],
        (f[3] & 1) != 0,
        (f[3] & 2) != 0,
        (int) f[5],
        (int) f[4],
        f[6],
        f[7],
        f[8],
        f[9]);
  }

  FloatEnv newEnv() {
    FloatEnv env = new FloatEnv();
    env.rounding = rc;
    env.maskedExceptions = FloatEnv.ALL_EXCEPTIONS & ~unmasked;
    env.flushToZero = ftz;
    env.denormalsAreZero = daz;
    return env;
  }

  /** Whether silicon stopped at an unmasked exception, leaving no result. */
  boolean faulted() {
    return (flags & unmasked) != 0;
  }

  boolean matches(long actualResult, int actualFlags) {
    return actualFlags == flags && (faulted() || actualResult == result);
  }

  long run(FloatEnv env) {
    return isDouble ? run64(env) : run32(env);
  }

  private long run64(FloatEnv env) {
    return switch (op) {
      case 0 -> Float64.add(a, b, env);
      case 1 -> Float64.sub(a, b, env);
      case 2 -> Float64.mul(a, b, env);
      case 3 -> Float64.div(a, b, env);
      case 4 -> Float64.sqrt(b, env);
      case 5 -> Float64.min(a, b, env);
      case 6 -> Float64.max(a, b, env);
      case 7 -> Float64.compareQuiet(a, b, env);
      case 8 -> Float64.compareSignaling(a, b, env);
      case 9 -> Float64.compare((int) c, a, b, env) ? 1 : 0;
      case 10 -> Float64.toInt32(a, env);
      case 11 -> Float64.toInt32Truncating(a, env);
      case 12 -> Float64.toInt64(a, env);
      case 13 -> Float64.toInt64Truncating(a, env);
      case 14 -> Float64.toFloat32(b, env) & 0xffff_ffffL;
      case 15, 16, 17, 18 -> Float64.roundToIntegral(b, op - 15, false, env);
      case 19 -> Float64.roundToIntegral(b, rc, false, env);
      case 20 -> Float64.roundToIntegral(b, 0, true, env);
      case 21 -> Float64.mulAdd(b, a, c, env);
      case 22 -> Float64.mulAdd(b, a, c, false, true, env);
      case 23 -> Float64.mulAdd(b, a, c, true, false, env);
      case 24 -> Float64.mulAdd(b, a, c, true, true, env);
      case 30 -> Float64.fromInt64(a, env);
      default -> throw new IllegalArgumentException("operation " + op);
    };
  }

  private long run32(FloatEnv env) {
    int x = (int) a;
    int y = (int) b;
    int z = (int) c;
    return switch (op) {
      case 7 -> Float32.compareQuiet(x, y, env);
      case 8 -> Float32.compareSignaling(x, y, env);
      case 9 -> Float32.compare(z, x, y, env) ? 1 : 0;
      case 10 -> Float32.toInt32(x, env);
      case 11 -> Float32.toInt32Truncating(x, env);
      case 12 -> Float32.toInt64(x, env);
      case 13 -> Float32.toInt64Truncating(x, env);
      case 14 -> Float32.toFloat64(y, env);
      default -> single(env, x, y, z) & 0xffff_ffffL;
    };
  }

  private int single(FloatEnv env, int x, int y, int z) {
    return switch (op) {
      case 0 -> Float32.add(x, y, env);
      case 1 -> Float32.sub(x, y, env);
      case 2 -> Float32.mul(x, y, env);
      case 3 -> Float32.div(x, y, env);
      case 4 -> Float32.sqrt(y, env);
      case 5 -> Float32.min(x, y, env);
      case 6 -> Float32.max(x, y, env);
      case 15, 16, 17, 18 -> Float32.roundToIntegral(y, op - 15, false, env);
      case 19 -> Float32.roundToIntegral(y, rc, false, env);
      case 20 -> Float32.roundToIntegral(y, 0, true, env);
      case 21 -> Float32.mulAdd(y, x, z, env);
      case 22 -> Float32.mulAdd(y, x, z, false, true, env);
      case 23 -> Float32.mulAdd(y, x, z, true, false, env);
      case 24 -> Float32.mulAdd(y, x, z, true, true, env);
      case 30 -> Float32.fromInt64(a, env);
      case 31 -> b != 0 ? Float32.rcp(y) : Float32.rsqrt(x);
      default -> throw new IllegalArgumentException("operation " + op);
    };
  }
}
