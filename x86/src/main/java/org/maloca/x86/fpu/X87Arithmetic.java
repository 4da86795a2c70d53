package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.softfloat.NearestExtended;

/**
 * FADD, FSUB, FSUBR, FMUL, FDIV and FDIVR, for handlers and for compiled code. One form takes ST
 * registers; the other has ST(0) as its destination and for its source the operand that {@link
 * X87Operands} began with. The common case comes first; whatever is not common is computed exactly
 * from the start.
 */
public final class X87Arithmetic {
  private static final Binary ADD = Float80::add;
  private static final Binary SUB = Float80::sub;
  private static final Binary SUB_REVERSED =
      (aSe, aM, bSe, bM, env) -> Float80.sub(bSe, bM, aSe, aM, env);
  private static final Binary MUL = Float80::mul;
  private static final Binary DIV = Float80::div;
  private static final Binary DIV_REVERSED =
      (aSe, aM, bSe, bM, env) -> Float80.div(bSe, bM, aSe, aM, env);

  private static final int SIGN = 0x8000;

  private X87Arithmetic() {}

  /** An operation of Float80 with two operands: destination, source. */
  @FunctionalInterface
  private interface Binary {
    void apply(int aSe, long aM, int bSe, long bM, FloatEnv env);
  }

  /** {@code ST(destination) += ST(source)}, then pops. */
  public static void add(Cpu cpu, int destination, int source, int pops) {
    sum(cpu, destination, 0, source, 0, pops, ADD);
  }

  /** {@code ST(destination) -= ST(source)}, then pops. */
  public static void sub(Cpu cpu, int destination, int source, int pops) {
    sum(cpu, destination, 0, source, SIGN, pops, SUB);
  }

  /** {@code ST(destination) = ST(source) - ST(destination)}, then pops. */
  public static void subReversed(Cpu cpu, int destination, int source, int pops) {
    sum(cpu, destination, SIGN, source, 0, pops, SUB_REVERSED);
  }

  /** Adds; each operand's sign is changed where its mask says so. */
  private static void sum(
      Cpu cpu, int destination, int dSign, int source, int sSign, int pops, Binary exact) {
    X87State x87 = X87Unit.check(cpu);
    int d = x87.physical(destination);
    int s = x87.physical(source);
    if (!x87.areCommon(d, s)
        || !x87.finish(
            d,
            NearestExtended.add(
                x87.signExponent[d] ^ dSign,
                x87.mantissa[d],
                x87.signExponent[s] ^ sSign,
                x87.mantissa[s],
                x87.env),
            pops)) {
      exactly(x87, exact, destination, source, pops);
    }
  }

  /** {@code ST(destination) *= ST(source)}, then pops. */
  public static void mul(Cpu cpu, int destination, int source, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int d = x87.physical(destination);
    int s = x87.physical(source);
    if (!x87.areCommon(d, s)
        || !x87.finish(
            d,
            NearestExtended.multiply(
                x87.signExponent[d],
                x87.mantissa[d],
                x87.signExponent[s],
                x87.mantissa[s],
                x87.env),
            pops)) {
      exactly(x87, MUL, destination, source, pops);
    }
  }

  /** {@code ST(destination) /= ST(source)}, then pops. */
  public static void div(Cpu cpu, int destination, int source, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int d = x87.physical(destination);
    int s = x87.physical(source);
    if (!x87.areCommon(d, s)
        || !x87.finish(
            d,
            NearestExtended.divide(
                x87.signExponent[d],
                x87.mantissa[d],
                x87.signExponent[s],
                x87.mantissa[s],
                x87.env),
            pops)) {
      exactly(x87, DIV, destination, source, pops);
    }
  }

  /** {@code ST(destination) = ST(source) / ST(destination)}, then pops. */
  public static void divReversed(Cpu cpu, int destination, int source, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int d = x87.physical(destination);
    int s = x87.physical(source);
    if (!x87.areCommon(d, s)
        || !x87.finish(
            d,
            NearestExtended.divide(
                x87.signExponent[s],
                x87.mantissa[s],
                x87.signExponent[d],
                x87.mantissa[d],
                x87.env),
            pops)) {
      exactly(x87, DIV_REVERSED, destination, source, pops);
    }
  }

  private static void exactly(X87State x87, Binary binary, int destination, int source, int pops) {
    X87Unit.clearRaised(x87);
    if (x87.isEmpty(destination) || x87.isEmpty(source)) {
      if (X87Unit.stackFault(x87, false)) {
        X87Unit.writeIndefinite(x87, destination);
        X87Unit.pop(x87, pops);
      }
      return;
    }
    compute(
        x87,
        binary,
        destination,
        X87Unit.signExponent(x87, source),
        X87Unit.mantissa(x87, source),
        pops);
  }

  private static void compute(
      X87State x87, Binary binary, int destination, int sourceSe, long sourceM, int pops) {
    FloatEnv env = x87.env;
    binary.apply(
        X87Unit.signExponent(x87, destination),
        X87Unit.mantissa(x87, destination),
        sourceSe,
        sourceM,
        env);
    if ((env.flags & FloatEnv.ZE) != 0) {
      // A division by zero comes before a denormal dividend in memory.
      env.flags &= ~FloatEnv.DE;
    }
    if (X87Unit.merge(x87)) {
      return;
    }
    X87Unit.writeResult(x87, destination);
    X87Unit.pop(x87, pops);
  }

  // With an operand from memory.

  /** {@code ST(0) += operand}. */
  public static void addOperand(Cpu cpu) {
    sumWithOperand(cpu, 0, 0, ADD);
  }

  /** {@code ST(0) -= operand}. */
  public static void subOperand(Cpu cpu) {
    sumWithOperand(cpu, 0, SIGN, SUB);
  }

  /** {@code ST(0) = operand - ST(0)}. */
  public static void subReversedOperand(Cpu cpu) {
    sumWithOperand(cpu, SIGN, 0, SUB_REVERSED);
  }

  private static void sumWithOperand(Cpu cpu, int topSign, int operandSign, Binary exact) {
    X87State x87 = cpu.x87;
    int d = x87.top;
    FloatEnv env = x87.env;
    int se = env.signExp;
    long m = env.mantissa;
    if (!x87.isCommonWithOperand(d)
        || !x87.finish(
            d,
            NearestExtended.add(
                x87.signExponent[d] ^ topSign, x87.mantissa[d], se ^ operandSign, m, env),
            0)) {
      exactly(x87, exact, se, m);
    }
  }

  /** {@code ST(0) *= operand}. */
  public static void mulOperand(Cpu cpu) {
    X87State x87 = cpu.x87;
    int d = x87.top;
    FloatEnv env = x87.env;
    int se = env.signExp;
    long m = env.mantissa;
    if (!x87.isCommonWithOperand(d)
        || !x87.finish(
            d, NearestExtended.multiply(x87.signExponent[d], x87.mantissa[d], se, m, env), 0)) {
      exactly(x87, MUL, se, m);
    }
  }

  /** {@code ST(0) /= operand}. */
  public static void divOperand(Cpu cpu) {
    X87State x87 = cpu.x87;
    int d = x87.top;
    FloatEnv env = x87.env;
    int se = env.signExp;
    long m = env.mantissa;
    if (!x87.isCommonWithOperand(d)
        || !x87.finish(
            d, NearestExtended.divide(x87.signExponent[d], x87.mantissa[d], se, m, env), 0)) {
      exactly(x87, DIV, se, m);
    }
  }

  /** {@code ST(0) = operand / ST(0)}. */
  public static void divReversedOperand(Cpu cpu) {
    X87State x87 = cpu.x87;
    int d = x87.top;
    FloatEnv env = x87.env;
    int se = env.signExp;
    long m = env.mantissa;
    if (!x87.isCommonWithOperand(d)
        || !x87.finish(
            d, NearestExtended.divide(se, m, x87.signExponent[d], x87.mantissa[d], env), 0)) {
      exactly(x87, DIV_REVERSED, se, m);
    }
  }

  private static void exactly(X87State x87, Binary binary, int se, long m) {
    if (x87.isEmpty(0)) {
      if (X87Unit.stackFault(x87, false)) {
        X87Unit.writeIndefinite(x87, 0);
      }
      return;
    }
    compute(x87, binary, 0, se, m, 0);
  }
}
