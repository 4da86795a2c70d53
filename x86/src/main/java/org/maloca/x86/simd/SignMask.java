package org.maloca.x86.simd;

/** The elements' sign bits of a register, gathered in the low bits: MOVMSKPS and its like. */
public final class SignMask {
  private SignMask() {}

  /** PMOVMSKB. */
  public static long ofBytes(long low, long high) {
    return Swar.signs8(low) | Swar.signs8(high) << 8;
  }

  /** MOVMSKPS. */
  public static long ofDwords(long low, long high) {
    return ofPair(low) | ofPair(high) << 2;
  }

  private static long ofPair(long pair) {
    return pair >>> 63 << 1 | pair >>> 31 & 1;
  }

  /** MOVMSKPD. */
  public static long ofQwords(long low, long high) {
    return low >>> 63 | high >>> 63 << 1;
  }
}
