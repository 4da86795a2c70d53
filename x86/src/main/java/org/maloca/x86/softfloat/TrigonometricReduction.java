package org.maloca.x86.softfloat;

/**
 * Argument reduction of FSIN, FCOS, FSINCOS and FPTAN by the 66-bit pi that the x87 FPU uses (SDM
 * volume 1, 8.3.8): exact with respect to that pi, so results differ from mathematics as silicon's
 * do.
 */
final class TrigonometricReduction {
  /** Pi in units of 2^-64, hence half pi in units of 2^-65. */
  private static final long PI_HI = 3;

  private static final long PI_LO = 0x243f_6a88_85a3_08d3L;

  private TrigonometricReduction() {}

  /** Leaves |a| minus quadrants in {@code env.w}, within pi/4; the number of quadrants modulo 4. */
  static int reduce(FloatEnv env) {
    Unpacked a = env.a;
    Unpacked w = env.w;
    if (a.exp < -2) {
      w.copy(a);
      w.negative = false;
      return 0;
    }
    long hi = 0;
    long lo = 0;
    int quadrant = 0;
    for (int i = 64 + a.exp + 2 - 1; i >= 0; i--) {
      int bit = i - (a.exp + 2);
      hi = hi << 1 | lo >>> 63;
      lo = lo << 1 | (bit >= 0 ? a.hi >>> bit & 1 : 0);
      quadrant <<= 1;
      if (notBelowPi(hi, lo)) {
        hi -= PI_HI + (Long.compareUnsigned(lo, PI_LO) < 0 ? 1 : 0);
        lo -= PI_LO;
        quadrant |= 1;
      }
    }
    boolean reflect = notBelowPi(hi << 1 | lo >>> 63, lo << 1);
    if (reflect) {
      hi = PI_HI - hi - (Long.compareUnsigned(PI_LO, lo) < 0 ? 1 : 0);
      lo = PI_LO - lo;
      quadrant++;
    }
    w.set(reflect, 62, hi, lo);
    w.normalize();
    return quadrant & 3;
  }

  private static boolean notBelowPi(long hi, long lo) {
    return hi > PI_HI || (hi == PI_HI && Long.compareUnsigned(lo, PI_LO) >= 0);
  }
}
