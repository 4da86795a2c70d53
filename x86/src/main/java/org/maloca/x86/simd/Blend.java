package org.maloca.x86.simd;

/** Masks that take element choices of an immediate to whole elements of 64 bits. */
final class Blend {
  private Blend() {}

  /** All ones in the bytes whose bit among the low eight is set. */
  static long byteMask(int bits) {
    long copies = (bits & 0xffL) * 0x0101_0101_0101_0101L & 0x8040_2010_0804_0201L;
    return ~Swar.equal(copies, 0, Swar.BYTES);
  }

  /** All ones in the words whose bit among the low four is set. */
  static long wordMask(int bits) {
    long spread = (bits & 15) * 0x0000_2000_4000_8001L & 0x0001_0001_0001_0001L;
    return spread * 0xffff;
  }

  /** All ones in the doublewords whose bit among the low two is set. */
  static long dwordMask(int bits) {
    return -(bits & 1L) >>> 32 | -(bits >>> 1 & 1L) << 32;
  }

  /** All ones if bit 0 is set. */
  static long qwordMask(int bits) {
    return -(bits & 1L);
  }

  static long select(long a, long b, long mask) {
    return a & ~mask | b & mask;
  }
}
