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
    return Float.floatToRawIntBits(low) & 0xffff_ffffL
        | (long) Float.floatToRawIntBits(high) << 32;
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
    int low = holds(low(a), low(b), predicate) ? -1 : 0;
    return join(low, holds(high(a), high(b), predicate) ? -1 : 0);
  }

  /** Whether a legacy predicate (0 to 7) holds for ordered operands. */
  static boolean holds(float a, float b, int predicate) {
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

  // Checks of all four elements.

  /** Whether sums or differences of the operands are what MXCSR wants. */
  public static boolean isSafeSum(
      long resultLow, long resultHigh, long aLow, long aHigh, long bLow, long bHigh, Cpu cpu) {
    return areFinite(resultLow, resultHigh, cpu)
        && haveNoDenormals(aLow, aHigh)
        && haveNoDenormals(bLow, bHigh);
  }

  /** Whether products or quotients of the operands are what MXCSR wants. */
  public static boolean isSafeProduct(
      long resultLow, long resultHigh, long aLow, long aHigh, long bLow, long bHigh, Cpu cpu) {
    return areAboveDenormals(resultLow, resultHigh)
        && isSafeSum(resultLow, resultHigh, aLow, aHigh, bLow, bHigh, cpu);
  }

  /** Whether results of operands that matter in themselves, not together, are right. */
  public static boolean isSafeRoot(
      long resultLow, long resultHigh, long aLow, long aHigh, Cpu cpu) {
    return areFinite(resultLow, resultHigh, cpu) && haveNoDenormals(aLow, aHigh);
  }

  /** Whether comparisons of the operands raise nothing. */
  public static boolean compareQuietly(long aLow, long aHigh, long bLow, long bHigh) {
    return areNormalOrZero(aLow)
        && areNormalOrZero(aHigh)
        && areNormalOrZero(bLow)
        && areNormalOrZero(bHigh);
  }

  /** Whether elements can be converted to integers within their range, raising at most PE. */
  public static boolean areConvertible(long low, long high, Cpu cpu) {
    return cpu.singleLimit > 0
        && isConvertible(low(low))
        && isConvertible(high(low))
        && isConvertible(low(high))
        && isConvertible(high(high));
  }

  /** Whether CVTDQ2PS raises nothing new. */
  public static boolean roundsSafely(Cpu cpu) {
    return cpu.singleLimit > 0;
  }

  private static boolean isConvertible(float a) {
    return Math.abs(a) < 0x1p31f && SingleArithmetic.isNoDenormal(a);
  }

  private static boolean areFinite(long low, long high, Cpu cpu) {
    return (((low & ~SIGNS) + cpu.singlesGuard | (high & ~SIGNS) + cpu.singlesGuard) & SIGNS) == 0;
  }

  private static boolean areAboveDenormals(long low, long high) {
    return ((low | SIGNS) - LEAST_SAFE & (high | SIGNS) - LEAST_SAFE & SIGNS) == SIGNS;
  }

  private static boolean haveNoDenormals(long low, long high) {
    return ((low & EXPONENTS) + EXPONENTS & (high & EXPONENTS) + EXPONENTS & SIGNS) == SIGNS
        || hasNoDenormals(low) && hasNoDenormals(high);
  }

  private static boolean hasNoDenormals(long pair) {
    return SingleArithmetic.isNoDenormal(low(pair)) && SingleArithmetic.isNoDenormal(high(pair));
  }

  private static boolean areNormalOrZero(long pair) {
    return isNormalOrZero(low(pair)) && isNormalOrZero(high(pair));
  }

  private static boolean isNormalOrZero(float a) {
    return a == a && SingleArithmetic.isNoDenormal(a);
  }
}
