package org.maloca.x86.softfloat;

/**
 * A number taken apart: {@code (-1)^negative * hi:lo / 2^127 * 2^exp}, where bit 63 of {@code hi}
 * is set for {@link #FINITE} ones. All formats meet in this form, NaN payloads included
 * (left-aligned in {@code hi}, quiet bit at bit 62).
 */
final class Unpacked {
  static final int ZERO = 0;
  static final int FINITE = 1;
  static final int INFINITE = 2;
  static final int QNAN = 3;
  static final int SNAN = 4;

  /** Unnormals, pseudo-infinities, pseudo-NaNs (SDM volume 1, 8.2.2). */
  static final int UNSUPPORTED = 5;

  static final long INTEGER_BIT = Long.MIN_VALUE;
  static final long QUIET_BIT = 1L << 62;

  int kind;
  boolean negative;
  boolean denormal;
  int exp;
  long hi;
  long lo;

  boolean isNan() {
    return kind >= QNAN;
  }

  void copy(Unpacked o) {
    kind = o.kind;
    negative = o.negative;
    denormal = o.denormal;
    exp = o.exp;
    hi = o.hi;
    lo = o.lo;
  }

  void set(boolean neg, int e, long high, long low) {
    kind = FINITE;
    negative = neg;
    denormal = false;
    exp = e;
    hi = high;
    lo = low;
  }

  void setZero(boolean neg) {
    kind = ZERO;
    negative = neg;
    denormal = false;
    exp = 0;
    hi = 0;
    lo = 0;
  }

  void setInfinite(boolean neg) {
    kind = INFINITE;
    negative = neg;
    denormal = false;
    hi = INTEGER_BIT;
    lo = 0;
  }

  void setDefaultNan() {
    kind = QNAN;
    negative = true;
    denormal = false;
    hi = INTEGER_BIT | QUIET_BIT;
    lo = 0;
  }

  void setQuiet(Unpacked nan) {
    copy(nan);
    kind = QNAN;
    hi |= QUIET_BIT;
    lo = 0;
  }

  /** Sets the value of an integer magnitude. */
  void setInteger(boolean neg, long magnitude) {
    if (magnitude == 0) {
      setZero(neg);
      return;
    }
    int n = Long.numberOfLeadingZeros(magnitude);
    set(neg, 63 - n, magnitude << n, 0);
  }

  /** Shifts a non-zero significand left until bit 63 of {@code hi} is set. */
  void normalize() {
    if (hi == 0) {
      hi = lo;
      lo = 0;
      exp -= 64;
    }
    int n = Long.numberOfLeadingZeros(hi);
    if (n != 0) {
      hi = hi << n | lo >>> (64 - n);
      lo <<= n;
      exp -= n;
    }
  }

  /** Shifts right, keeping a trace of lost one bits in the lowest bit. */
  void shiftRightJam(int n) {
    if (n == 0) {
      return;
    }
    if (n < 64) {
      long lost = lo << (64 - n);
      lo = hi << (64 - n) | lo >>> n | (lost != 0 ? 1 : 0);
      hi >>>= n;
    } else if (n == 64) {
      lo = hi | (lo != 0 ? 1 : 0);
      hi = 0;
    } else if (n < 128) {
      long lost = hi << (128 - n) | lo;
      lo = hi >>> (n - 64) | (lost != 0 ? 1 : 0);
      hi = 0;
    } else {
      lo = (hi | lo) != 0 ? 1 : 0;
      hi = 0;
    }
  }

  void load32(int bits, boolean denormalsAreZero) {
    negative = bits < 0;
    int e = bits >>> 23 & 0xff;
    load(e, (long) (bits & 0x7fffff) << 40, 0xff, 127, denormalsAreZero);
  }

  void load64(long bits, boolean denormalsAreZero) {
    negative = bits < 0;
    int e = (int) (bits >>> 52) & 0x7ff;
    load(e, (bits & 0xf_ffff_ffff_ffffL) << 11, 0x7ff, 1023, denormalsAreZero);
  }

  private void load(int e, long fraction, int special, int bias, boolean denormalsAreZero) {
    denormal = false;
    lo = 0;
    if (e == special) {
      kind = fraction == 0 ? INFINITE : (fraction & QUIET_BIT) != 0 ? QNAN : SNAN;
      hi = fraction | INTEGER_BIT;
    } else if (e != 0) {
      kind = FINITE;
      hi = fraction | INTEGER_BIT;
      exp = e - bias;
    } else if (fraction == 0 || denormalsAreZero) {
      kind = ZERO;
      hi = 0;
    } else {
      int n = Long.numberOfLeadingZeros(fraction);
      kind = FINITE;
      denormal = true;
      hi = fraction << n;
      exp = 1 - bias - n;
    }
  }

  void load80(int signExp, long mantissa) {
    negative = (signExp & 0x8000) != 0;
    denormal = false;
    hi = mantissa;
    lo = 0;
    int e = signExp & 0x7fff;
    if (e == 0) {
      if (mantissa == 0) {
        kind = ZERO;
        return;
      }
      int n = Long.numberOfLeadingZeros(mantissa);
      kind = FINITE;
      denormal = true;
      hi = mantissa << n;
      exp = 1 - 16383 - n;
    } else if (mantissa >= 0) {
      kind = UNSUPPORTED;
    } else if (e != 0x7fff) {
      kind = FINITE;
      exp = e - 16383;
    } else {
      kind = mantissa == INTEGER_BIT ? INFINITE : (mantissa & QUIET_BIT) != 0 ? QNAN : SNAN;
    }
  }
}
