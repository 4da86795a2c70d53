package org.maloca.x86.simd;

/**
 * Arithmetic on the lanes of a 64-bit word at once. The lanes' width is told by a mask of their
 * sign bits.
 */
public final class Swar {
  public static final long BYTES = 0x8080_8080_8080_8080L;
  public static final long WORDS = 0x8000_8000_8000_8000L;
  public static final long DWORDS = 0x8000_0000_8000_0000L;

  private Swar() {}

  // Words of a long, sign-extended, the lowest first.

  static int w0(long a) {
    return (short) a;
  }

  static int w1(long a) {
    return (short) (a >> 16);
  }

  static int w2(long a) {
    return (short) (a >> 32);
  }

  static int w3(long a) {
    return (int) (a >> 48);
  }

  /** Fills the lanes whose sign bit is set in {@code flags}; no other bits may be set there. */
  public static long fill(long flags, long signs) {
    return flags - (flags >>> Long.numberOfTrailingZeros(signs)) | flags;
  }

  public static long add(long a, long b, long signs) {
    return (a & ~signs) + (b & ~signs) ^ (a ^ b) & signs;
  }

  public static long sub(long a, long b, long signs) {
    return (a | signs) - (b & ~signs) ^ ~(a ^ b) & signs;
  }

  public static long addUnsignedSaturating(long a, long b, long signs) {
    long sum = add(a, b, signs);
    long carries = (a & b | (a | b) & ~sum) & signs;
    return sum | fill(carries, signs);
  }

  public static long subUnsignedSaturating(long a, long b, long signs) {
    long difference = sub(a, b, signs);
    return difference & ~fill(borrows(a, b, difference, signs), signs);
  }

  public static long addSaturating(long a, long b, long signs) {
    long sum = add(a, b, signs);
    return saturated(sum, a, ~(a ^ b) & (a ^ sum) & signs, signs);
  }

  public static long subSaturating(long a, long b, long signs) {
    long difference = sub(a, b, signs);
    return saturated(difference, a, (a ^ b) & (a ^ difference) & signs, signs);
  }

  /** Replaces overflown lanes by the extreme on {@code a}'s side of zero. */
  private static long saturated(long result, long a, long overflows, long signs) {
    long overflown = fill(overflows, signs);
    long extremes = ~signs + ((a & signs) >>> Long.numberOfTrailingZeros(signs));
    return result & ~overflown | extremes & overflown;
  }

  private static long borrows(long a, long b, long difference, long signs) {
    return (~a & b | ~(a ^ b) & difference) & signs;
  }

  public static long equal(long a, long b, long signs) {
    long x = a ^ b;
    return fill(~((x & ~signs) + ~signs | x) & signs, signs);
  }

  public static long equalQwords(long a, long b) {
    return a == b ? -1 : 0;
  }

  public static long greaterQwords(long a, long b) {
    return a > b ? -1 : 0;
  }

  /** All ones where {@code a} is below {@code b}, unsigned. */
  public static long below(long a, long b, long signs) {
    return fill(borrows(a, b, sub(a, b, signs), signs), signs);
  }

  public static long greater(long a, long b, long signs) {
    return below(b ^ signs, a ^ signs, signs);
  }

  public static long minUnsigned(long a, long b, long signs) {
    return b ^ (a ^ b) & below(a, b, signs);
  }

  public static long maxUnsigned(long a, long b, long signs) {
    return a ^ (a ^ b) & below(a, b, signs);
  }

  public static long min(long a, long b, long signs) {
    return b ^ (a ^ b) & greater(b, a, signs);
  }

  public static long max(long a, long b, long signs) {
    return a ^ (a ^ b) & greater(b, a, signs);
  }

  /** Unsigned mean, rounded up. */
  public static long average(long a, long b, long signs) {
    long lowest = signs >>> Long.numberOfTrailingZeros(signs);
    return (a | b) - (((a ^ b) & ~lowest) >>> 1);
  }

  public static long absolute(long a, long signs) {
    long negative = fill(a & signs, signs);
    return sub(a ^ negative, negative, signs);
  }

  /** PSIGN: {@code a} with the sign of {@code b} applied: negated, kept or zeroed. */
  public static long applySign(long a, long b, long signs) {
    long negative = fill(b & signs, signs);
    return sub(a ^ negative, negative, signs) & ~equal(b, 0, signs);
  }

  /** Sum of the absolute differences of unsigned bytes. */
  public static long sumOfDifferences(long a, long b) {
    long x = subUnsignedSaturating(a, b, BYTES) | subUnsignedSaturating(b, a, BYTES);
    long pairs = (x & 0x00ff_00ff_00ff_00ffL) + (x >>> 8 & 0x00ff_00ff_00ff_00ffL);
    return pairs * 0x0001_0001_0001_0001L >>> 48;
  }

  /** The bytes' sign bits, gathered in the low eight bits. */
  public static long signs8(long a) {
    return (a & BYTES) * 0x0002_0408_1020_4081L >>> 56;
  }

  /** The words' sign bits, gathered in the low four bits. */
  public static long signs16(long a) {
    return (a & WORDS) * 0x0000_2000_4000_8001L >>> 60;
  }

  // Logical shifts of lanes; a count of the lane's width or more gives zeros.

  public static long shiftLeft(long a, int count, long signs) {
    int width = Long.numberOfTrailingZeros(signs) + 1;
    return count >= width ? 0 : (a & laneMask(width - count, signs)) << count;
  }

  public static long shiftRight(long a, int count, long signs) {
    int width = Long.numberOfTrailingZeros(signs) + 1;
    return count >= width ? 0 : a >>> count & laneMask(width - count, signs);
  }

  /** The low {@code bits} bits (1 to the width) of each lane. */
  private static long laneMask(int bits, long signs) {
    long lowest = signs >>> Long.numberOfTrailingZeros(signs);
    return lowest * (-1L >>> 64 - bits);
  }

  public static long shiftQwordLeft(long a, int count) {
    return count > 63 ? 0 : a << count;
  }

  public static long shiftQwordRight(long a, int count) {
    return count > 63 ? 0 : a >>> count;
  }

  /** A count given as 64 bits, at most 255: that is more than any lane's width. */
  public static int shiftCount(long count) {
    return (count & ~255L) != 0 ? 255 : (int) count;
  }

  public static long shiftRightArithmetic(long a, int count, long signs) {
    int effective = Math.min(count, Long.numberOfTrailingZeros(signs));
    long sign = signs >>> effective;
    return sub(shiftRight(a, effective, signs) ^ sign, sign, signs);
  }

  // Widening.

  /** The low four bytes, each zero-extended to a word. */
  public static long widenBytes(long a) {
    long words = widenWords(a);
    return (words | words << 8) & 0x00ff_00ff_00ff_00ffL;
  }

  /** The low two words, each zero-extended to a doubleword. */
  public static long widenWords(long a) {
    long low = a & 0xffff_ffffL;
    return (low | low << 16) & 0x0000_ffff_0000_ffffL;
  }
}
