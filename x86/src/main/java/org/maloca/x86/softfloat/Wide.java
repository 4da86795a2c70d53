package org.maloca.x86.softfloat;

/**
 * Floating point with 128-bit significands, good to about 125 bits, on {@link Unpacked} registers:
 * what the transcendental functions compute with. Results may be operands.
 */
final class Wide {
  private Wide() {}

  static void add(Unpacked r, Unpacked a, Unpacked b) {
    add(r, a, b, b.negative);
  }

  static void sub(Unpacked r, Unpacked a, Unpacked b) {
    add(r, a, b, !b.negative);
  }

  private static void add(Unpacked r, Unpacked a, Unpacked b, boolean bNegative) {
    if (b.kind == Unpacked.ZERO) {
      r.copy(a);
    } else if (a.kind == Unpacked.ZERO) {
      r.copy(b);
      r.negative = bNegative;
    } else {
      Significand.add(r, a, b, bNegative, false);
    }
  }

  static void mul(Unpacked r, Unpacked a, Unpacked b) {
    if (a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO) {
      r.setZero(a.negative != b.negative);
      return;
    }
    long hi = Math.unsignedMultiplyHigh(a.hi, b.hi);
    long lo = a.hi * b.hi;
    long cross = Math.unsignedMultiplyHigh(a.hi, b.lo);
    lo += cross;
    hi += Long.compareUnsigned(lo, cross) < 0 ? 1 : 0;
    cross = Math.unsignedMultiplyHigh(a.lo, b.hi);
    lo += cross;
    hi += Long.compareUnsigned(lo, cross) < 0 ? 1 : 0;
    r.set(a.negative != b.negative, a.exp + b.exp + 1, hi, lo);
    r.normalize();
  }

  /** {@code r = a / b}; {@code s} is scratch distinct from all. {@code r} is not an operand. */
  static void div(Unpacked r, Unpacked a, Unpacked b, Unpacked s) {
    if (a.kind == Unpacked.ZERO) {
      r.setZero(a.negative != b.negative);
      return;
    }
    // A 64-bit quotient, then the remainder's quotient.
    Significand.divide(s, a, b);
    s.lo = 0;
    mul(r, s, b);
    sub(r, a, r);
    if (r.kind != Unpacked.ZERO) {
      long hi = s.hi;
      int exp = s.exp;
      boolean negative = s.negative;
      Significand.divide(r, r, b);
      r.lo = 0;
      s.set(negative, exp, hi, 0);
    }
    add(r, s, r);
  }

  /** Divides by a small positive integer. */
  static void divSmall(Unpacked r, int n) {
    long digit = r.hi >>> 32;
    long q3 = digit / n;
    digit = digit % n << 32 | r.hi & 0xffff_ffffL;
    long q2 = digit / n;
    digit = digit % n << 32 | r.lo >>> 32;
    long q1 = digit / n;
    digit = digit % n << 32 | r.lo & 0xffff_ffffL;
    r.hi = q3 << 32 | q2;
    r.lo = q1 << 32 | digit / n;
    r.normalize();
  }

  static void one(Unpacked r) {
    r.set(false, 0, Unpacked.INTEGER_BIT, 0);
  }
}
