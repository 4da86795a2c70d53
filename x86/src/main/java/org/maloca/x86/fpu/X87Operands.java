package org.maloca.x86.fpu;

import org.maloca.x86.softfloat.CommonConversion;
import org.maloca.x86.softfloat.Float80;

/**
 * Widens memory operands of arithmetic instructions and comparisons to {@code env.signExp} and
 * {@code env.mantissa}, where the operation takes them from.
 */
public final class X87Operands {
  private X87Operands() {}

  /** A m32fp. */
  public static void float32(X87State x87, int bits) {
    if (!CommonConversion.fromFloat32(bits, x87.env)) {
      Float80.operandFromFloat32(
          bits, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), x87.env);
    }
  }

  /** A m64fp. */
  public static void float64(X87State x87, long bits) {
    if (!CommonConversion.fromFloat64(bits, x87.env)) {
      Float80.operandFromFloat64(
          bits, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), x87.env);
    }
  }

  /** A m16int or m32int, sign-extended. */
  public static void integer(X87State x87, int value) {
    CommonConversion.fromInt(value, x87.env);
  }
}
