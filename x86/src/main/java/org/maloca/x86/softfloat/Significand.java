package org.maloca.x86.softfloat;

/**
 * Arithmetic on finite non-zero {@link Unpacked} numbers with 128-bit results whose lowest bit
 * stands for everything below it, so that {@link Rounding} can decide correctly for any format.
 */
final class Significand {
  private Significand() {}

  /**
   * {@code r = a + b}, where {@code b} takes the sign {@code bNegative}. An exact zero is negative
   * when {@code zeroNegative}. {@code r} may be an operand.
   */
  static void add(Unpacked r, Unpacked a, Unpacked b, boolean bNegative, boolean zeroNegative) {
    boolean aNegative = a.negative;
    long xHi = a.hi;
    long xLo = a.lo;
    int exp = a.exp;
    boolean neg = aNegative;
    long yHi = b.hi;
    long yLo = b.lo;
    int shift = a.exp - b.exp;
    if (shift < 0 || (shift == 0 && lessThan(xHi, xLo, yHi, yLo))) {
      long h = xHi;
      long l = xLo;
      xHi = yHi;
      xLo = yLo;
      yHi = h;
      yLo = l;
      exp = b.exp;
      neg = bNegative;
      shift = -shift;
    }
    r.set(neg, exp, yHi, yLo);
    r.shiftRightJam(shift);
    yHi = r.hi;
    yLo = r.lo;
    if (aNegative == bNegative) {
      long lo = xLo + yLo;
      long carry = Long.compareUnsigned(lo, xLo) < 0 ? 1 : 0;
      long hi = xHi + yHi + carry;
      boolean overflow = Long.compareUnsigned(hi, xHi) < 0 || (carry == 1 && hi == xHi);
      if (overflow) {
        lo = hi << 63 | lo >>> 1 | (lo & 1);
        hi = hi >>> 1 | Long.MIN_VALUE;
        r.exp++;
      }
      r.hi = hi;
      r.lo = lo;
      return;
    }
    long borrow = Long.compareUnsigned(xLo, yLo) < 0 ? 1 : 0;
    r.lo = xLo - yLo;
    r.hi = xHi - yHi - borrow;
    if ((r.hi | r.lo) == 0) {
      r.setZero(zeroNegative);
    } else {
      r.normalize();
    }
  }

  private static boolean lessThan(long aHi, long aLo, long bHi, long bLo) {
    int c = Long.compareUnsigned(aHi, bHi);
    return c < 0 || (c == 0 && Long.compareUnsigned(aLo, bLo) < 0);
  }

  /** {@code r = a * b}, exact: both have 64-bit significands. */
  static void multiply(Unpacked r, Unpacked a, Unpacked b) {
    long x = a.hi;
    long y = b.hi;
    r.set(a.negative != b.negative, a.exp + b.exp + 1, Math.unsignedMultiplyHigh(x, y), x * y);
    if (r.hi >= 0) {
      r.hi = r.hi << 1 | r.lo >>> 63;
      r.lo <<= 1;
      r.exp--;
    }
  }

  /** {@code r = a / b}: 64 quotient bits, a half bit and a sticky bit. */
  static void divide(Unpacked r, Unpacked a, Unpacked b) {
    long n = a.hi;
    long d = b.hi;
    int exp = a.exp - b.exp;
    long hi;
    long lo;
    if (Long.compareUnsigned(n, d) < 0) {
      hi = n;
      lo = 0;
      exp--;
    } else {
      hi = n >>> 1;
      lo = n << 63;
    }
    long q = divide128(hi, lo, d);
    long rem = lo - q * d;
    r.set(a.negative != b.negative, exp, q, fraction(rem, d));
  }

  /** Half and sticky bits of {@code rem / d}. */
  private static long fraction(long rem, long d) {
    if (rem == 0) {
      return 0;
    }
    int c = Long.compareUnsigned(rem, d - rem);
    return c < 0 ? 1 : c == 0 ? Long.MIN_VALUE : Long.MIN_VALUE | 1;
  }

  /** {@code r = sqrt(a)} for positive {@code a}. */
  static void squareRoot(Unpacked r, Unpacked a) {
    boolean odd = (a.exp & 1) != 0;
    long nHi = odd ? a.hi : a.hi >>> 1;
    long nLo = odd ? 0 : a.hi << 63;
    long root = SquareRoot.of(nHi, nLo);
    r.set(false, a.exp >> 1, root, SquareRoot.fraction(nHi, nLo, root));
  }

  /**
   * Quotient of an unsigned 128-bit by a 64-bit number whose bit 63 is set, {@code hi < d}: Knuth's
   * algorithm D with two 32-bit digits.
   */
  static long divide128(long hi, long lo, long d) {
    long d1 = d >>> 32;
    long d0 = d & 0xffff_ffffL;
    long q1 = digit(hi, lo >>> 32, d1, d0);
    long mid = (hi << 32 | lo >>> 32) - q1 * d;
    long q0 = digit(mid, lo & 0xffff_ffffL, d1, d0);
    return q1 << 32 | q0;
  }

  private static long digit(long high, long next, long d1, long d0) {
    long q = Long.divideUnsigned(high, d1);
    long rest = high - q * d1;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * d0, rest << 32 | next) > 0) {
      q--;
      rest += d1;
      if (rest >>> 32 != 0) {
        break;
      }
    }
    return q;
  }
}
