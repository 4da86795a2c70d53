package org.maloca.x86.simd;

import static org.maloca.x86.simd.Swar.w0;
import static org.maloca.x86.simd.Swar.w1;
import static org.maloca.x86.simd.Swar.w2;
import static org.maloca.x86.simd.Swar.w3;

/** Packing to elements of half the size, with saturation: 128 bits become 64. */
public final class Saturation {
  private Saturation() {}

  private static long pair(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  private static int clampToByte(int value) {
    return Math.min(Math.max(value, -128), 127);
  }

  private static int clampToUnsignedByte(int value) {
    return Math.min(Math.max(value, 0), 255);
  }

  static int clampToWord(int value) {
    return Math.min(Math.max(value, Short.MIN_VALUE), Short.MAX_VALUE);
  }

  private static int clampToUnsignedWord(int value) {
    return Math.min(Math.max(value, 0), 0xffff);
  }

  /** PACKSSWB. */
  public static long words(long low, long high) {
    return pair(fourWords(low), fourWords(high));
  }

  private static int fourWords(long a) {
    return clampToByte(w0(a)) & 0xff
        | (clampToByte(w1(a)) & 0xff) << 8
        | (clampToByte(w2(a)) & 0xff) << 16
        | clampToByte(w3(a)) << 24;
  }

  /** PACKUSWB. */
  public static long wordsUnsigned(long low, long high) {
    return pair(fourWordsUnsigned(low), fourWordsUnsigned(high));
  }

  /** Most words fit, and then need no look at each. */
  private static int fourWordsUnsigned(long a) {
    if ((a & 0xff00_ff00_ff00_ff00L) == 0) {
      long pairs = a | a >>> 8;
      return (int) (pairs & 0xffff | pairs >>> 16 & 0xffff_0000L);
    }
    return clampToUnsignedByte(w0(a))
        | clampToUnsignedByte(w1(a)) << 8
        | clampToUnsignedByte(w2(a)) << 16
        | clampToUnsignedByte(w3(a)) << 24;
  }

  /** PACKSSDW. */
  public static long dwords(long low, long high) {
    return pair(twoDwords(low), twoDwords(high));
  }

  private static int twoDwords(long a) {
    return clampToWord((int) a) & 0xffff | clampToWord((int) (a >> 32)) << 16;
  }

  /** PACKUSDW. */
  public static long dwordsUnsigned(long low, long high) {
    return pair(twoDwordsUnsigned(low), twoDwordsUnsigned(high));
  }

  private static int twoDwordsUnsigned(long a) {
    return clampToUnsignedWord((int) a) | clampToUnsignedWord((int) (a >> 32)) << 16;
  }
}
