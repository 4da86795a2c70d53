package org.maloca.x86.simd;

/**
 * Products of polynomials over GF(2), by integer multiplications of operands thinned out to every
 * fourth bit: at most 16 ones add up in a place, so carries stay out of the places that are kept.
 */
final class CarrylessMultiply {
  private static final long EVERY_FOURTH = 0x1111_1111_1111_1111L;

  private CarrylessMultiply() {}

  /** Low 64 bits of the 127-bit product. */
  static long low(long a, long b) {
    long a0 = a & EVERY_FOURTH;
    long a1 = a & EVERY_FOURTH << 1;
    long a2 = a & EVERY_FOURTH << 2;
    long a3 = a & EVERY_FOURTH << 3;
    long b0 = b & EVERY_FOURTH;
    long b1 = b & EVERY_FOURTH << 1;
    long b2 = b & EVERY_FOURTH << 2;
    long b3 = b & EVERY_FOURTH << 3;
    long p0 = a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1;
    long p1 = a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2;
    long p2 = a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3;
    long p3 = a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0;
    return p0 & EVERY_FOURTH
        | p1 & EVERY_FOURTH << 1
        | p2 & EVERY_FOURTH << 2
        | p3 & EVERY_FOURTH << 3;
  }

  /** The bits above: the low ones of the mirrored product. */
  static long high(long a, long b) {
    return Long.reverse(low(Long.reverse(a), Long.reverse(b))) >>> 1;
  }
}
