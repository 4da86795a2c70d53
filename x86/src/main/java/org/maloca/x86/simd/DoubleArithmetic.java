package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Whether the host's own results of binary64 operations are what MXCSR wants: operands are no
 * denormals, nothing new would be raised, and rounding is to nearest ({@link Cpu#doubleLimit}).
 * Compiled code computes, asks here, and turns to {@link ExactDouble} if not. The methods are so
 * short that HotSpot's compilers always inline them.
 */
public final class DoubleArithmetic {
  private DoubleArithmetic() {}

  /** Zero, normal or infinite. */
  public static boolean isPlain(double a) {
    return Math.abs(a) >= Double.MIN_NORMAL || a == 0;
  }

  static boolean arePlain(double a, double b) {
    return isPlain(a) && isPlain(b);
  }

  static boolean isSafelyFinite(double a, Cpu cpu) {
    return Math.abs(a) <= cpu.doubleLimit;
  }

  /** Of a sum or difference of two numbers. */
  public static boolean isSafeSum(double result, double a, double b, Cpu cpu) {
    return isSafelyFinite(result, cpu) && arePlain(a, b);
  }

  /** Of a product of two numbers. */
  public static boolean isSafeProduct(double result, double a, double b, Cpu cpu) {
    return isSafeSum(result, a, b, cpu) && (isLarge(result) || isZeroProduct(result, a, b));
  }

  /** Above what might have been rounded up from a denormal. */
  private static boolean isLarge(double result) {
    return Math.abs(result) > Double.MIN_NORMAL;
  }

  /** Whether a product is zero because an operand is. */
  public static boolean isZeroProduct(double result, double a, double b) {
    return result == 0 && (a == 0 || b == 0);
  }

  /** Of a quotient of two numbers. */
  public static boolean isSafeQuotient(double result, double a, double b, Cpu cpu) {
    return isSafeSum(result, a, b, cpu) && (isLarge(result) || isZeroQuotient(result, a));
  }

  /** Whether a quotient is zero because the dividend is. */
  public static boolean isZeroQuotient(double result, double a) {
    return result == 0 && a == 0;
  }

  /** Of a square root. */
  public static boolean isSafeRoot(double result, double a, Cpu cpu) {
    return isSafelyFinite(result, cpu) && isPlain(a);
  }

  /** SQRTSD by the host. */
  public static double squareRoot(double a) {
    return Math.sqrt(a);
  }

  /** Whether a comparison raises nothing in any mode. */
  public static boolean comparesQuietly(double a, double b) {
    return arePlain(a, b);
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
  public static double compare(double a, double b, int predicate) {
    return Double.longBitsToDouble(holds(a, b, predicate) ? -1 : 0);
  }

  /** Whether a legacy predicate (0 to 7) holds for ordered operands; of singles, too. */
  static boolean holds(double a, double b, int predicate) {
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
