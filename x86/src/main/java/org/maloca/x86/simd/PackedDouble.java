package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Whether packed binary64 operations that the host has done raise nothing and are what MXCSR wants;
 * if not {@link ExactPacked} does them again.
 */
public final class PackedDouble {
  private PackedDouble() {}

  private static boolean haveNoDenormals(double a, double b) {
    return DoubleArithmetic.isNoDenormal(a) && DoubleArithmetic.isNoDenormal(b);
  }

  /** Of sums and differences. */
  public static boolean isSafeSum(
      double resultLow,
      double resultHigh,
      double aLow,
      double aHigh,
      double bLow,
      double bHigh,
      Cpu cpu) {
    return Math.abs(resultLow) <= cpu.doubleLimit
        && Math.abs(resultHigh) <= cpu.doubleLimit
        && haveNoDenormals(aLow, aHigh)
        && haveNoDenormals(bLow, bHigh);
  }

  /** Of products and quotients. */
  public static boolean isSafeProduct(
      double resultLow,
      double resultHigh,
      double aLow,
      double aHigh,
      double bLow,
      double bHigh,
      Cpu cpu) {
    return Math.abs(resultLow) > Double.MIN_NORMAL
        && Math.abs(resultHigh) > Double.MIN_NORMAL
        && isSafeSum(resultLow, resultHigh, aLow, aHigh, bLow, bHigh, cpu);
  }

  /** Of square roots. */
  public static boolean isSafeRoot(
      double resultLow, double resultHigh, double aLow, double aHigh, Cpu cpu) {
    return resultLow <= cpu.doubleLimit
        && resultHigh <= cpu.doubleLimit
        && haveNoDenormals(aLow, aHigh);
  }

  /** Of comparisons. */
  public static boolean compareQuietly(double aLow, double aHigh, double bLow, double bHigh) {
    return DoubleArithmetic.comparesQuietly(aLow, bLow)
        && DoubleArithmetic.comparesQuietly(aHigh, bHigh);
  }
}
