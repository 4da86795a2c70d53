package org.maloca.x86.simd;

/** Elements picked from a register by selectors. */
public final class Permutation {
  private Permutation() {}

  /** The words of a half that four 2-bit selectors choose: PSHUFLW and PSHUFHW. */
  public static long words(long a, int selectors) {
    return a >>> ((selectors & 3) << 4) & 0xffff
        | (a >>> ((selectors >>> 2 & 3) << 4) & 0xffff) << 16
        | (a >>> ((selectors >>> 4 & 3) << 4) & 0xffff) << 32
        | a >>> ((selectors >>> 6 & 3) << 4) << 48;
  }

  /** A half of PSHUFB: bytes of a register by a half of selectors. */
  public static long pick(long low, long high, long selectors) {
    long result = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      int selector = (int) (selectors >>> shift);
      long from = (selector & 8) == 0 ? low : high;
      result |= (from >>> ((selector & 7) << 3) & 0xff) << shift;
    }
    return result & ~Swar.fill(selectors & Swar.BYTES, Swar.BYTES);
  }
}
