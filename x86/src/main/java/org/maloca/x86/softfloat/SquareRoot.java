package org.maloca.x86.softfloat;

/** Square roots of 128-bit integers. */
final class SquareRoot {
  private SquareRoot() {}

  /**
   * The root of {@code hi:lo}, unsigned and rounded down; {@code hi} is at least 2^62, so that it
   * has 64 bits.
   */
  static long of(long hi, long lo) {
    // The host's root is right to a unit or two of its 53 bits: two units less are not too much.
    double estimate = Math.sqrt((hi >>> 11) * 0x1p-51);
    long root = (long) (estimate * 0x1p52) - 2 << 11;
    long squareLo = root * root;
    long restHi = restHigh(hi, lo, root, squareLo);
    // What is missing has 14 bits, and is rest / 2 root (Newton).
    long rest = restHi << 49 | lo - squareLo >>> 15;
    root += (long) (rest * (0x1p-49 / estimate));
    squareLo = root * root;
    restHi = restHigh(hi, lo, root, squareLo);
    if (restHi < 0) {
      return root - 1;
    }
    long twiceHi = root >>> 63;
    boolean isTooSmall =
        restHi > twiceHi || restHi == twiceHi && Long.compareUnsigned(lo - squareLo, root << 1) > 0;
    return isTooSmall ? root + 1 : root;
  }

  /** Half and sticky bits of what follows the root's lowest place. It is never half exactly. */
  static long fraction(long hi, long lo, long root) {
    long squareLo = root * root;
    long restHi = restHigh(hi, lo, root, squareLo);
    long restLo = lo - squareLo;
    long aboveHalf = restHi | (Long.compareUnsigned(root, restLo) < 0 ? 1 : 0);
    return aboveHalf << 63 | NearestExtended.notZero(restHi | restLo);
  }

  private static long restHigh(long hi, long lo, long root, long squareLo) {
    long borrow = Long.compareUnsigned(lo, squareLo) < 0 ? 1 : 0;
    return hi - Math.unsignedMultiplyHigh(root, root) - borrow;
  }
}
