package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.Constant80;

/** FST ST(i), FXCH, FCHS, FABS, FCMOVcc and constants. */
public final class X87Registers {
  private static final int SIGN = 0x8000;

  private X87Registers() {}

  /** FST ST(i). */
  public static void store(Cpu cpu, int i, int pops) {
    X87State x87 = X87Unit.check(cpu);
    X87Unit.setC1(x87, false);
    if (!x87.isEmpty(0)) {
      X87Unit.write(x87, i, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0));
    } else if (X87Unit.stackFault(x87, false)) {
      X87Unit.writeIndefinite(x87, i);
    } else {
      return;
    }
    x87.drop(pops);
  }

  /** FXCH ST(i). */
  public static void exchange(Cpu cpu, int i) {
    X87State x87 = X87Unit.check(cpu);
    X87Unit.setC1(x87, false);
    int top = x87.top;
    int other = x87.physical(i);
    if (!x87.areInUse(top, other) && !fillEmpty(x87, i)) {
      return;
    }
    int signExponent = x87.signExponent[top];
    long mantissa = x87.mantissa[top];
    x87.signExponent[top] = x87.signExponent[other];
    x87.mantissa[top] = x87.mantissa[other];
    x87.signExponent[other] = signExponent;
    x87.mantissa[other] = mantissa;
  }

  /** Answers a masked stack fault of FXCH; false when it is not masked. */
  private static boolean fillEmpty(X87State x87, int i) {
    if (!X87Unit.stackFault(x87, false)) {
      return false;
    }
    if (x87.isEmpty(0)) {
      X87Unit.writeIndefinite(x87, 0);
    }
    if (x87.isEmpty(i)) {
      X87Unit.writeIndefinite(x87, i);
    }
    return true;
  }

  /** FCHS. */
  public static void changeSign(Cpu cpu) {
    X87State x87 = X87Unit.check(cpu);
    if (hasOperand(x87)) {
      x87.signExponent[x87.top] ^= SIGN;
    }
  }

  /** FABS. */
  public static void clearSign(Cpu cpu) {
    X87State x87 = X87Unit.check(cpu);
    if (hasOperand(x87)) {
      x87.signExponent[x87.top] &= ~SIGN;
    }
  }

  /** Clears C1; whether ST(0) is in use: else the stack fault is answered. */
  static boolean hasOperand(X87State x87) {
    X87Unit.setC1(x87, false);
    if (!x87.isEmpty(0)) {
      return true;
    }
    if (X87Unit.stackFault(x87, false)) {
      X87Unit.writeIndefinite(x87, 0);
    }
    return false;
  }

  /** FCMOVcc: copies ST(i) when the condition holds; the stack is looked at in any case. */
  public static void moveIf(Cpu cpu, int i, boolean holds) {
    X87State x87 = X87Unit.check(cpu);
    if (x87.isEmpty(0) || x87.isEmpty(i)) {
      if (X87Unit.stackFault(x87, false)) {
        X87Unit.writeIndefinite(x87, 0);
      }
    } else if (holds) {
      X87Unit.write(x87, 0, X87Unit.signExponent(x87, i), X87Unit.mantissa(x87, i));
    }
  }

  /** FLD1, FLDZ. */
  public static void loadExact(Cpu cpu, int signExponent, long mantissa) {
    X87State x87 = X87Unit.check(cpu);
    X87Unit.setC1(x87, false);
    X87Unit.push(x87, signExponent, mantissa);
  }

  /** A constant, rounded as the control word says. */
  static void loadConstant(Cpu cpu, Constant80 constant) {
    constant.load(cpu.x87.env);
    loadExact(cpu, cpu.x87.env.signExp, cpu.x87.env.mantissa);
  }
}
