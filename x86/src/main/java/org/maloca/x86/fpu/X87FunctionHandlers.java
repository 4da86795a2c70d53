package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.softfloat.Transcendental;

/** x87 functions of ST(0), or of ST(0) and ST(1). */
final class X87FunctionHandlers {
  private static final int ONE_EXPONENT = 0x3fff;
  private static final int SIGN = 0x8000;

  private X87FunctionHandlers() {}

  @FunctionalInterface
  private interface Unary {
    void apply(Cpu cpu);
  }

  /** Answers false when the argument is out of range: C2 is set and nothing changes. */
  @FunctionalInterface
  private interface Trigonometric {
    boolean apply(int se, long m, FloatEnv env);
  }

  @FunctionalInterface
  private interface OfTwo {
    void apply(int xSe, long xM, int ySe, long yM, FloatEnv env);
  }

  static void register(HandlerTable table) {
    unary(table, Operation.FSQRT, X87Functions::squareRoot);
    unary(table, Operation.FRNDINT, X87Functions::roundToIntegral);
    unary(table, Operation.F2XM1, X87Functions::exp2Minus1);
    unary(table, Operation.FCHS, X87Registers::changeSign);
    unary(table, Operation.FABS, X87Registers::clearSign);
    unary(table, Operation.FXAM, X87Functions::examine);
    trigonometric(table, Operation.FSIN, Transcendental::sin, false);
    trigonometric(table, Operation.FCOS, Transcendental::cos, false);
    trigonometric(table, Operation.FSINCOS, Transcendental::sinCos, true);
    trigonometric(table, Operation.FPTAN, Transcendental::tan, true);
    intoSt1(table, Operation.FYL2X, Transcendental::yLog2x);
    intoSt1(table, Operation.FYL2XP1, Transcendental::yLog2xPlus1);
    intoSt1(table, Operation.FPATAN, Transcendental::arcTangent);
    table.put(Operation.FSCALE, X87FunctionHandlers::scale);
    table.put(Operation.FXTRACT, X87FunctionHandlers::extract);
    table.put(Operation.FPREM, (cpu, insn) -> remainder(cpu, insn, false));
    table.put(Operation.FPREM1, (cpu, insn) -> remainder(cpu, insn, true));
  }

  private static void unary(HandlerTable table, Operation operation, Unary unary) {
    table.put(
        operation,
        (cpu, insn) -> {
          unary.apply(cpu);
          X87Unit.note(cpu, insn);
        });
  }

  private static void trigonometric(
      HandlerTable table, Operation operation, Trigonometric function, boolean pushesSecond) {
    table.put(operation, (cpu, insn) -> trigonometric(cpu, insn, function, pushesSecond));
  }

  private static void trigonometric(
      Cpu cpu, Insn insn, Trigonometric function, boolean pushesSecond) {
    X87State x87 = X87Unit.begin(cpu);
    FloatEnv env = x87.env;
    X87Unit.note(cpu, insn);
    x87.status &= ~(X87State.C1 | X87State.C2);
    boolean underflow = x87.isEmpty(0);
    boolean overflow = pushesSecond && !x87.isEmpty(7);
    if (underflow || overflow) {
      if (X87Unit.stackFault(x87, !underflow)) {
        X87Unit.writeIndefinite(x87, 0);
        if (pushesSecond) {
          x87.top = x87.top - 1 & 7;
          X87Unit.writeIndefinite(x87, 0);
        }
      }
      return;
    }
    if (!function.apply(X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), env)) {
      x87.status |= X87State.C2;
      return;
    }
    if (X87Unit.merge(x87)) {
      return;
    }
    X87Unit.writeResult(x87, 0);
    if (pushesSecond) {
      X87Unit.push(x87, env.pushedSignExp, env.pushedMantissa);
    }
  }

  private static void intoSt1(HandlerTable table, Operation operation, OfTwo function) {
    table.put(
        operation,
        (cpu, insn) -> {
          X87State x87 = X87Unit.begin(cpu);
          X87Unit.note(cpu, insn);
          X87Unit.setC1(x87, false);
          if (x87.isEmpty(0) || x87.isEmpty(1)) {
            if (X87Unit.stackFault(x87, false)) {
              X87Unit.writeIndefinite(x87, 1);
              X87Unit.pop(x87, 1);
            }
            return;
          }
          function.apply(
              X87Unit.signExponent(x87, 0),
              X87Unit.mantissa(x87, 0),
              X87Unit.signExponent(x87, 1),
              X87Unit.mantissa(x87, 1),
              x87.env);
          if (!X87Unit.merge(x87)) {
            X87Unit.writeResult(x87, 1);
            X87Unit.pop(x87, 1);
          }
        });
  }

  private static boolean lacksOperands(X87State x87) {
    if (!x87.isEmpty(0) && !x87.isEmpty(1)) {
      return false;
    }
    if (X87Unit.stackFault(x87, false)) {
      X87Unit.writeIndefinite(x87, 0);
    }
    return true;
  }

  private static void scale(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    if (lacksOperands(x87)) {
      return;
    }
    Float80.scale(
        X87Unit.signExponent(x87, 0),
        X87Unit.mantissa(x87, 0),
        X87Unit.signExponent(x87, 1),
        X87Unit.mantissa(x87, 1),
        x87.env);
    if (!X87Unit.merge(x87)) {
      X87Unit.writeResult(x87, 0);
    }
  }

  private static void extract(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    FloatEnv env = x87.env;
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    boolean underflow = x87.isEmpty(0);
    if (underflow || !x87.isEmpty(7)) {
      if (X87Unit.stackFault(x87, !underflow)) {
        X87Unit.writeIndefinite(x87, 0);
        x87.top = x87.top - 1 & 7;
        X87Unit.writeIndefinite(x87, 0);
      }
      return;
    }
    Float80.extract(X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), env);
    env.roundedUp = false;
    if (!X87Unit.merge(x87)) {
      X87Unit.writeResult(x87, 0);
      X87Unit.push(x87, env.pushedSignExp, env.pushedMantissa);
    }
  }

  private static void remainder(Cpu cpu, Insn insn, boolean nearest) {
    X87State x87 = X87Unit.begin(cpu);
    FloatEnv env = x87.env;
    X87Unit.note(cpu, insn);
    x87.status &= ~(X87State.C1 | X87State.C2);
    if (lacksOperands(x87)) {
      return;
    }
    int aSe = X87Unit.signExponent(x87, 0);
    long aM = X87Unit.mantissa(x87, 0);
    int bSe = X87Unit.signExponent(x87, 1);
    long bM = X87Unit.mantissa(x87, 1);
    int quotient =
        nearest
            ? Float80.remainderNearest(aSe, aM, bSe, bM, env)
            : Float80.remainderTruncating(aSe, aM, bSe, bM, env);
    env.roundedUp = false;
    if (X87Unit.merge(x87)) {
      return;
    }
    X87Unit.writeResult(x87, 0);
    if ((env.flags & FloatEnv.IE) != 0
        || Float80.classify(env.signExp, env.mantissa) == Float80.CLASS_NAN) {
      // There is no quotient; AMD's CPUs then leave C0 and C3.
      return;
    }
    int bits = 0;
    if (quotient == Float80.INCOMPLETE) {
      bits = X87State.C2;
    } else {
      bits |= (quotient & 1) != 0 ? X87State.C1 : 0;
      bits |= (quotient & 2) != 0 ? X87State.C3 : 0;
      bits |= (quotient & 4) != 0 ? X87State.C0 : 0;
    }
    x87.status = x87.status & ~(X87State.C0 | X87State.C1 | X87State.C2 | X87State.C3) | bits;
  }
}
