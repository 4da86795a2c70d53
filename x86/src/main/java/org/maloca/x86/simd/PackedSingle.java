package org.maloca.x86.simd;

import org.maloca.x86.Cpu;

/**
 * Packed binary32 operations for compiled code, two elements in a long at a time, by the host's
 * arithmetic. They raise nothing; afterwards the checks here tell whether that was right for all
 * elements of the instruction, and if not {@link ExactPacked} does it again.
 */
public final class PackedSingle {
  private static final long SIGNS = 0x8000_0000_8000_0000L;
  private static final long EXPONENTS = 0x7f80_0000_7f80_0000L;

  /** The least magnitude of a result that is surely above all denormals. */
  private static final long LEAST_SAFE = 0x0100_0000_0100_0000L;

  private PackedSingle() {}

  static float low(long pair) {
    return Float.intBitsToFloat((int) pair);
  }

  static float high(long pair) {
    return Float.intBitsToFloat((int) (pair >>> 32));
  }

  static long join(float low, float high) {
    return Float.floatToRawIntBits(low) & 0xffff_ffffL | (long) Float.floatToRawIntBits(high) << 32;
  }

  private static long join(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  // Two elements each.

  public static long add(long a, long b) {
    return join(low(a) + low(b), high(a) + high(b));
  }

  public static long subtract(long a, long b) {
    return join(low(a) - low(b), high(a) - high(b));
  }

  public static long multiply(long a, long b) {
    return join(low(a) * low(b), high(a) * high(b));
  }

  public static long divide(long a, long b) {
    return join(low(a) / low(b), high(a) / high(b));
  }

  public static long squareRoot(long a) {
    return join((float) Math.sqrt(low(a)), (float) Math.sqrt(high(a)));
  }

  public static long min(long a, long b) {
    return join(low(a) < low(b) ? (int) a : (int) b, highMin(a, b));
  }

  private static int highMin(long a, long b) {
    return (int) ((high(a) < high(b) ? a : b) >>> 32);
  }

  public static long max(long a, long b) {
    return join(low(a) > low(b) ? (int) a : (int) b, highMax(a, b));
  }

  private static int highMax(long a, long b) {
    return (int) ((high(a) > high(b) ? a : b) >>> 32);
  }

  /** CVTDQ2PS. */
  public static long fromInts(long a) {
    return join((float) (int) a, (float) (int) (a >>> 32));
  }

  /** CVTTPS2DQ. */
  public static long toInts(long a) {
    return join((int) low(a), (int) high(a));
  }

  /** CVTPS2DQ while rounding is to nearest. */
  public static long toNearestInts(long a) {
    return join((int) Math.rint(low(a)), (int) Math.rint(high(a)));
  }

  /** CMPPS of ordered elements: all ones where the legacy predicate holds. */
  public static long compare(long a, long b, int predicate) {
    int low = DoubleArithmetic.holds(low(a), low(b), predicate) ? -1 : 0;
    int high = DoubleArithmetic.holds(high(a), high(b), predicate) ? -1 : 0;
    return join(low, high);
  }

  // Checks of all four elements.

  /** Of sums and differences. */
  public static boolean areSafeSums(
      long low, long high, long aLow, long aHigh, long bLow, long bHigh, Cpu cpu) {
    return areSafelyFinite(low, high, cpu) && haveNoDenormals(aLow, aHigh, bLow, bHigh);
  }

  /** Of products. */
  public static boolean areSafeProducts(
      long low, long high, long aLow, long aHigh, long bLow, long bHigh, Cpu cpu) {
    return areSafeSums(low, high, aLow, aHigh, bLow, bHigh, cpu)
        && (areAboveDenormals(low, high)
            || areNoTinyProducts(low, aLow, bLow) && areNoTinyProducts(high, aHigh, bHigh));
  }

  /** Of quotients. */
  public static boolean areSafeQuotients(
      long low, long high, long aLow, long aHigh, long bLow, long bHigh, Cpu cpu) {
    return areSafeSums(low, high, aLow, aHigh, bLow, bHigh, cpu)
        && (areAboveDenormals(low, high)
            || areNoTinyQuotients(low, aLow) && areNoTinyQuotients(high, aHigh));
  }

  /** Of square roots. */
  public static boolean areSafeRoots(long low, long high, long aLow, long aHigh, Cpu cpu) {
    return areSafelyFinite(low, high, cpu) && haveNoDenormals(aLow, aHigh, aLow, aHigh);
  }

  private static boolean areSafelyFinite(long low, long high, Cpu cpu) {
    long guard = cpu.singlesGuard;
    return noSigns((low & ~SIGNS) + guard | (high & ~SIGNS) + guard);
  }

  /** Whether the sign of neither single in a long is set. */
  private static boolean noSigns(long signs) {
    return ((signs & SIGNS) >>> 1) - 1 >>> 63 != 0;
  }

  private static boolean haveNoDenormals(long aLow, long aHigh, long bLow, long bHigh) {
    return noSigns(~(exponents(aLow, aHigh) & exponents(bLow, bHigh)))
        || haveOnlyZerosBelow(aLow, aHigh, bLow, bHigh);
  }

  /** Signs set where the exponents of the elements of both are not zero. */
  private static long exponents(long a, long b) {
    return (a & EXPONENTS) + EXPONENTS & (b & EXPONENTS) + EXPONENTS;
  }

  private static boolean haveOnlyZerosBelow(long aLow, long aHigh, long bLow, long bHigh) {
    return hasNoDenormals(aLow)
        && hasNoDenormals(aHigh)
        && hasNoDenormals(bLow)
        && hasNoDenormals(bHigh);
  }

  private static boolean hasNoDenormals(long pair) {
    return SingleArithmetic.arePlain(low(pair), high(pair));
  }

  private static boolean areAboveDenormals(long low, long high) {
    return noSigns(~((low | SIGNS) - LEAST_SAFE & (high | SIGNS) - LEAST_SAFE));
  }

  /**
   * Whether products were not tiny before they were rounded, and are zero only if an operand is.
   */
  private static boolean areNoTinyProducts(long result, long a, long b) {
    return areLargeOrZero(result)
        && (low(result) != 0 || low(a) == 0 || low(b) == 0)
        && (high(result) != 0 || high(a) == 0 || high(b) == 0);
  }

  private static boolean areNoTinyQuotients(long result, long a) {
    return areLargeOrZero(result)
        && (low(result) != 0 || low(a) == 0)
        && (high(result) != 0 || high(a) == 0);
  }

  private static boolean areLargeOrZero(long pair) {
    return isLargeOrZero(low(pair)) && isLargeOrZero(high(pair));
  }

  /** The least normal number itself may be what a tiny one was rounded to. */
  private static boolean isLargeOrZero(float result) {
    return Math.abs(result) > Float.MIN_NORMAL || result == 0;
  }

  /** Whether comparisons of the operands raise nothing. */
  public static boolean compareQuietly(long aLow, long aHigh, long bLow, long bHigh) {
    return areOrdinary(aLow) && areOrdinary(aHigh) && areOrdinary(bLow) && areOrdinary(bHigh);
  }

  private static boolean areOrdinary(long pair) {
    return SingleArithmetic.arePlain(low(pair), high(pair));
  }

  /** Whether CVTDQ2PS raises nothing new. */
  public static boolean roundsSafely(Cpu cpu) {
    return cpu.singleLimit > 0;
  }

  /** Whether elements can be converted to integers within their range, raising nothing new. */
  public static boolean areConvertible(long low, long high, Cpu cpu) {
    return roundsSafely(cpu) && areConvertible(low) && areConvertible(high);
  }

  private static boolean areConvertible(long pair) {
    return isConvertible(low(pair)) && isConvertible(high(pair));
  }

  private static boolean isConvertible(float a) {
    return Math.abs(a) < 0x1p31f && SingleArithmetic.isPlain(a);
  }
}
