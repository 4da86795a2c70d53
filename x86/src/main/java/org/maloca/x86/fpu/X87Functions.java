package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.NearestExtended;
import org.maloca.x86.softfloat.Transcendental;

/** Functions of ST(0) that replace or classify it. */
public final class X87Functions {
  private static final int SIGN = 0x8000;

  private X87Functions() {}

  /** FSQRT. */
  public static void squareRoot(Cpu cpu) {
    X87State x87 = X87Unit.check(cpu);
    int top = x87.top;
    if (!x87.areCommon(top, top)
        || !x87.finish(
            top,
            NearestExtended.squareRoot(x87.signExponent[top], x87.mantissa[top], x87.env),
            0)) {
      squareRootExactly(x87);
    }
  }

  private static void squareRootExactly(X87State x87) {
    X87Unit.clearRaised(x87);
    if (X87Registers.hasOperand(x87)) {
      Float80.sqrt(x87.signExponent[x87.top], x87.mantissa[x87.top], x87.env);
      finish(x87);
    }
  }

  /** FRNDINT. */
  public static void roundToIntegral(Cpu cpu) {
    X87State x87 = X87Unit.begin(cpu);
    if (X87Registers.hasOperand(x87)) {
      Float80.roundToIntegral(x87.signExponent[x87.top], x87.mantissa[x87.top], x87.env);
      finish(x87);
    }
  }

  /** F2XM1. */
  public static void exp2Minus1(Cpu cpu) {
    X87State x87 = X87Unit.begin(cpu);
    if (X87Registers.hasOperand(x87)) {
      Transcendental.exp2Minus1(x87.signExponent[x87.top], x87.mantissa[x87.top], x87.env);
      finish(x87);
    }
  }

  private static void finish(X87State x87) {
    if (!X87Unit.merge(x87)) {
      X87Unit.writeResult(x87, 0);
    }
  }

  /** FXAM. */
  public static void examine(Cpu cpu) {
    X87State x87 = X87Unit.check(cpu);
    int signExponent = X87Unit.signExponent(x87, 0);
    int kind =
        x87.isEmpty(0)
            ? Float80.CLASS_EMPTY
            : Float80.classify(signExponent, X87Unit.mantissa(x87, 0));
    int bits = (kind & 1) != 0 ? X87State.C0 : 0;
    bits |= (kind & 2) != 0 ? X87State.C2 : 0;
    bits |= (kind & 4) != 0 ? X87State.C3 : 0;
    bits |= (signExponent & SIGN) != 0 ? X87State.C1 : 0;
    x87.status = x87.status & ~(X87State.C0 | X87State.C1 | X87State.C2 | X87State.C3) | bits;
  }
}
