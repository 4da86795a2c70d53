package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Whether both results of packed binary64 operations that the host has done are what MXCSR wants:
 * see {@link DoubleArithmetic}. If not {@link ExactPacked} does them again.
 */
public final class PackedDouble {
  private PackedDouble() {}

  /** Of sums and differences. */
  public static boolean areSafeSums(
      double low, double high, double aLow, double aHigh, double bLow, double bHigh, Cpu cpu) {
    return DoubleArithmetic.isSafeSum(low, aLow, bLow, cpu)
        && DoubleArithmetic.isSafeSum(high, aHigh, bHigh, cpu);
  }

  /** Of products. */
  public static boolean areSafeProducts(
      double low, double high, double aLow, double aHigh, double bLow, double bHigh, Cpu cpu) {
    return DoubleArithmetic.isSafeProduct(low, aLow, bLow, cpu)
        && DoubleArithmetic.isSafeProduct(high, aHigh, bHigh, cpu);
  }

  /** Of quotients. */
  public static boolean areSafeQuotients(
      double low, double high, double aLow, double aHigh, double bLow, double bHigh, Cpu cpu) {
    return DoubleArithmetic.isSafeQuotient(low, aLow, bLow, cpu)
        && DoubleArithmetic.isSafeQuotient(high, aHigh, bHigh, cpu);
  }

  /** Of square roots. */
  public static boolean areSafeRoots(
      double resultLow, double resultHigh, double aLow, double aHigh, Cpu cpu) {
    return DoubleArithmetic.isSafeRoot(resultLow, aLow, cpu)
        && DoubleArithmetic.isSafeRoot(resultHigh, aHigh, cpu);
  }

  /** Of comparisons. */
  public static boolean compareQuietly(double aLow, double aHigh, double bLow, double bHigh) {
    return DoubleArithmetic.comparesQuietly(aLow, bLow)
        && DoubleArithmetic.comparesQuietly(aHigh, bHigh);
  }
}
