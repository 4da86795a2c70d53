package org.maloca.x86.simd;

/** Elements of the low 32 bits of two words, in turn. */
public final class Interleave {
  private Interleave() {}

  public static long bytes(long a, long b) {
    return Swar.widenBytes(a) | Swar.widenBytes(b) << 8;
  }

  public static long words(long a, long b) {
    return Swar.widenWords(a) | Swar.widenWords(b) << 16;
  }

  public static long dwords(long a, long b) {
    return a & 0xffff_ffffL | b << 32;
  }
}
