package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Whether the host's own results of binary32 operations are what MXCSR wants: see {@link
 * DoubleArithmetic}.
 */
public final class SingleArithmetic {
  private static final int MANTISSA_BITS = 23;

  private SingleArithmetic() {}

  /** Zero, infinite, NaN or normal; the least normal number counts as a denormal. */
  static boolean isNoDenormal(float a) {
    return (Float.floatToRawIntBits(a) << 1) - 1 >>> MANTISSA_BITS + 1 != 0;
  }

  static boolean areNoDenormals(float a, float b) {
    return isNoDenormal(a) && isNoDenormal(b);
  }

  /** Of a sum or difference of two numbers. */
  public static boolean isSafeSum(float result, float a, float b, Cpu cpu) {
    return Math.abs(result) <= cpu.singleLimit && areNoDenormals(a, b);
  }

  /** Of a product or quotient of two numbers. */
  public static boolean isSafeProduct(float result, float a, float b, Cpu cpu) {
    return Math.abs(result) > Float.MIN_NORMAL && isSafeSum(result, a, b, cpu);
  }

  /** Of a square root. */
  public static boolean isSafeRoot(float result, float a, Cpu cpu) {
    return result <= cpu.singleLimit && isNoDenormal(a);
  }

  /** SQRTSS by the host. */
  public static float squareRoot(float a) {
    return (float) Math.sqrt(a);
  }

  /** Whether a comparison raises nothing in any mode. */
  public static boolean comparesQuietly(float a, float b) {
    return a == a && b == b && areNoDenormals(a, b);
  }

  /** MINSS of ordered numbers. */
  public static float min(float a, float b) {
    return a < b ? a : b;
  }

  /** MAXSS of ordered numbers. */
  public static float max(float a, float b) {
    return a > b ? a : b;
  }

  /** CMPSS of ordered numbers: all ones where a legacy predicate (0 to 7) holds. */
  public static float compare(float a, float b, int predicate) {
    return Float.intBitsToFloat(PackedSingle.holds(a, b, predicate) ? -1 : 0);
  }
}
