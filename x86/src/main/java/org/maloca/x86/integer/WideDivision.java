package org.maloca.x86.integer;

/** Unsigned division of 128 by 64 bits: Knuth's algorithm D (TAOCP vol. 2, 4.3.1) in base 2^32. */
final class WideDivision {
  private static final long DIGIT = 0xffff_ffffL;

  private WideDivision() {}

  /** The quotient; {@code high} must be below {@code divisor}, unsigned. */
  static long quotient(long high, long low, long divisor) {
    if (high == 0) {
      return Long.divideUnsigned(low, divisor);
    }
    int shift = Long.numberOfLeadingZeros(divisor);
    long normalized = divisor << shift;
    // Shifting in two steps, because a shift by 64 would be one by 0.
    long upper = high << shift | low >>> 1 >>> 63 - shift;
    long lower = low << shift;
    long first = digit(upper, lower >>> 32, normalized);
    long rest = (upper << 32 | lower >>> 32) - first * normalized;
    return first << 32 | digit(rest, lower & DIGIT, normalized);
  }

  /** One digit of the quotient: {@code (upper * 2^32 + next) / divisor}, which is below 2^32. */
  private static long digit(long upper, long next, long divisor) {
    long divisorHigh = divisor >>> 32;
    long divisorLow = divisor & DIGIT;
    long estimate = Long.divideUnsigned(upper, divisorHigh);
    long rest = upper - estimate * divisorHigh;
    // The estimate is at most 2 too large.
    while (estimate > DIGIT || Long.compareUnsigned(estimate * divisorLow, rest << 32 | next) > 0) {
      estimate--;
      rest += divisorHigh;
      if (rest > DIGIT) {
        break;
      }
    }
    return estimate;
  }
}
