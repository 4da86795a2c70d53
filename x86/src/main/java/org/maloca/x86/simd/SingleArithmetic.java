package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Whether the host's own results of binary32 operations are what MXCSR wants: operands are no
 * denormals, nothing new would be raised, and rounding is to nearest ({@link Cpu#singleLimit}).
 * Compiled code computes, asks here, and turns to {@link ExactSingle} if not. The methods are so
 * short that HotSpot's compilers always inline them.
 */
public final class SingleArithmetic {
  private SingleArithmetic() {}

  /** Zero, normal or infinite. */
  public static boolean isPlain(float a) {
    return Math.abs(a) >= Float.MIN_NORMAL || a == 0;
  }

  static boolean arePlain(float a, float b) {
    return isPlain(a) && isPlain(b);
  }

  static boolean isSafelyFinite(float a, Cpu cpu) {
    return Math.abs(a) <= cpu.singleLimit;
  }

  /** Of a sum or difference of two numbers. */
  public static boolean isSafeSum(float result, float a, float b, Cpu cpu) {
    return isSafelyFinite(result, cpu) && arePlain(a, b);
  }

  /** Of a product of two numbers. */
  public static boolean isSafeProduct(float result, float a, float b, Cpu cpu) {
    return isSafeSum(result, a, b, cpu) && (isLarge(result) || isZeroProduct(result, a, b));
  }

  /** Above what might have been rounded up from a denormal. */
  private static boolean isLarge(float result) {
    return Math.abs(result) > Float.MIN_NORMAL;
  }

  /** Whether a product is zero because an operand is. */
  public static boolean isZeroProduct(float result, float a, float b) {
    return result == 0 && (a == 0 || b == 0);
  }

  /** Of a quotient of two numbers. */
  public static boolean isSafeQuotient(float result, float a, float b, Cpu cpu) {
    return isSafeSum(result, a, b, cpu) && (isLarge(result) || isZeroQuotient(result, a));
  }

  /** Whether a quotient is zero because the dividend is. */
  public static boolean isZeroQuotient(float result, float a) {
    return result == 0 && a == 0;
  }

  /** Of a square root. */
  public static boolean isSafeRoot(float result, float a, Cpu cpu) {
    return isSafelyFinite(result, cpu) && isPlain(a);
  }

  /** SQRTSS by the host. */
  public static float squareRoot(float a) {
    return (float) Math.sqrt(a);
  }

  /** Whether a number converted to this format is normal and raises nothing new. */
  static boolean isSafelyNormal(float a, Cpu cpu) {
    return isSafelyFinite(a, cpu) && isLarge(a);
  }

  /** Whether a comparison raises nothing in any mode. */
  public static boolean comparesQuietly(float a, float b) {
    return arePlain(a, b);
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
    return Float.intBitsToFloat(DoubleArithmetic.holds(a, b, predicate) ? -1 : 0);
  }
}
