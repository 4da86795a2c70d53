package org.maloca.x86.simd;

/**
 * The comparison inside PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM (Intel SDM vol. 1, 12.10.3;
 * vol. 2, 4.1): element sets as bit masks, element 0 lowest.
 */
final class StringCompare {
  static final int WORDS = 1;
  static final int SIGNED = 2;
  static final int AGGREGATION = 3 << 2;
  static final int EQUAL_ANY = 0 << 2;
  static final int RANGES = 1 << 2;
  static final int EQUAL_EACH = 2 << 2;
  static final int NEGATIVE_POLARITY = 1 << 4;
  static final int MASKED_POLARITY = 1 << 5;

  /** Output: the most significant index, or a mask of whole elements. */
  static final int OUTPUT_SELECT = 1 << 6;

  private StringCompare() {}

  /** Number of elements in a register. */
  static int elements(int control) {
    return 16 >> (control & WORDS);
  }

  private static int all(int control) {
    return (1 << elements(control)) - 1;
  }

  /** The elements that are equal to zero. */
  static int zeros(long low, long high, int control) {
    return equal(low, high, 0, control);
  }

  /** Elements before the first zero. */
  static int implicitLength(long low, long high, int control) {
    int zeros = zeros(low, high, control);
    return zeros == 0 ? elements(control) : Integer.numberOfTrailingZeros(zeros);
  }

  /** IntRes2: the aggregated comparison of two strings with the polarity applied. */
  static int compare(
      long aLow, long aHigh, int aLength, long bLow, long bHigh, int bLength, int control) {
    int bValid = (1 << bLength) - 1;
    int result =
        switch (control & AGGREGATION) {
          case EQUAL_ANY -> equalAny(aLow, aHigh, aLength, bLow, bHigh, control) & bValid;
          case RANGES -> ranges(aLow, aHigh, aLength, bLow, bHigh, control) & bValid;
          case EQUAL_EACH -> {
            int aValid = (1 << aLength) - 1;
            int equal = equalEach(aLow ^ bLow, aHigh ^ bHigh, control);
            yield equal & aValid & bValid | ~(aValid | bValid) & all(control);
          }
          default -> equalOrdered(aLow, aHigh, aLength, bLow, bHigh, bValid, control);
        };
    if ((control & NEGATIVE_POLARITY) == 0) {
      return result;
    }
    return result ^ ((control & MASKED_POLARITY) != 0 ? bValid : all(control));
  }

  private static int equalEach(long lowDifference, long highDifference, int control) {
    return equal(lowDifference, highDifference, 0, control);
  }

  private static int equalAny(
      long aLow, long aHigh, int aLength, long bLow, long bHigh, int control) {
    int result = 0;
    for (int i = 0; i < aLength; i++) {
      result |= equal(bLow, bHigh, broadcast(aLow, aHigh, i, control), control);
    }
    return result;
  }

  private static int ranges(
      long aLow, long aHigh, int aLength, long bLow, long bHigh, int control) {
    int result = 0;
    for (int i = 0; i + 1 < aLength; i += 2) {
      long from = broadcast(aLow, aHigh, i, control);
      long to = broadcast(aLow, aHigh, i + 1, control);
      result |= ~outside(bLow, bHigh, from, to, control);
    }
    return result;
  }

  private static int equalOrdered(
      long aLow, long aHigh, int aLength, long bLow, long bHigh, int bValid, int control) {
    int all = all(control);
    int result = all;
    for (int i = 0; i < aLength; i++) {
      int equal = equal(bLow, bHigh, broadcast(aLow, aHigh, i, control), control) & bValid;
      // A comparison beyond the register's end counts as holding.
      result &= equal >>> i | ~(all >>> i);
    }
    return result & all;
  }

  /** Element {@code i} in every lane. */
  private static long broadcast(long low, long high, int i, int control) {
    if ((control & WORDS) != 0) {
      return ((i < 4 ? low : high) >>> 16 * (i & 3) & 0xffff) * 0x0001_0001_0001_0001L;
    }
    return ((i < 8 ? low : high) >>> 8 * (i & 7) & 0xff) * 0x0101_0101_0101_0101L;
  }

  private static int equal(long low, long high, long lanes, int control) {
    long signs = signs(control);
    return gather(Swar.equal(low, lanes, signs), Swar.equal(high, lanes, signs), control);
  }

  private static int outside(long low, long high, long from, long to, int control) {
    long signs = signs(control);
    long flip = (control & SIGNED) != 0 ? signs : 0;
    return gather(
        outside(low ^ flip, from ^ flip, to ^ flip, signs),
        outside(high ^ flip, from ^ flip, to ^ flip, signs),
        control);
  }

  private static long outside(long lanes, long from, long to, long signs) {
    return Swar.below(lanes, from, signs) | Swar.below(to, lanes, signs);
  }

  private static long signs(int control) {
    return (control & WORDS) != 0 ? Swar.WORDS : Swar.BYTES;
  }

  private static int gather(long low, long high, int control) {
    if ((control & WORDS) != 0) {
      return (int) (Swar.signs16(low) | Swar.signs16(high) << 4);
    }
    return (int) (Swar.signs8(low) | Swar.signs8(high) << 8);
  }
}
