package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Whether the host's own results of binary64 operations are what MXCSR wants: operands are no
 * denormals, nothing new would be raised, and rounding is to nearest ({@link Cpu#doubleLimit}).
 * Compiled code computes, asks here, and turns to {@link ExactDouble} if not. The methods are so
 * short that HotSpot's compilers always inline them.
 */
public final class DoubleArithmetic {
  private static final int MANTISSA_BITS = 52;

  private DoubleArithmetic() {}

  /** Zero, infinite, NaN or normal; the least normal number counts as a denormal. */
  static boolean isNoDenormal(double a) {
    return (Double.doubleToRawLongBits(a) << 1) - 1 >>> MANTISSA_BITS + 1 != 0;
  }

  static boolean areNoDenormals(double a, double b) {
    return isNoDenormal(a) && isNoDenormal(b);
  }

  /** Of a sum or difference of two numbers. */
  public static boolean isSafeSum(double result, double a, double b, Cpu cpu) {
    return Math.abs(result) <= cpu.doubleLimit && areNoDenormals(a, b);
  }

  /** Of a product or quotient of two numbers. */
  public static boolean isSafeProduct(double result, double a, double b, Cpu cpu) {
    return Math.abs(result) > Double.MIN_NORMAL && isSafeSum(result, a, b, cpu);
  }

  /** Of a square root. */
  public static boolean isSafeRoot(double result, double a, Cpu cpu) {
    return result <= cpu.doubleLimit && isNoDenormal(a);
  }

  /** Whether a comparison raises nothing in any mode. */
  public static boolean comparesQuietly(double a, double b) {
    return a == a && b == b && areNoDenormals(a, b);
  }

  /** MINSD of ordered numbers. */
  public static double min(double a, double b) {
    return a < b ? a : b;
  }

  /** MAXSD of ordered numbers. */
  public static double max(double a, double b) {
    return a > b ? a : b;
  }

  /** CMPSD of ordered numbers: all ones where a legacy predicate (0 to 7) holds. */
  public static long compare(double a, double b, int predicate) {
    return holds(a, b, predicate) ? -1 : 0;
  }

  private static boolean holds(double a, double b, int predicate) {
    return switch (predicate) {
      case 0 -> a == b;
      case 1 -> a < b;
      case 2 -> a <= b;
      case 3 -> false;
      case 4 -> a != b;
      case 5 -> a >= b;
      case 6 -> a > b;
      default -> true;
    };
  }
}
