package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;

/** x87 arithmetic of two operands, comparisons and conditional moves. */
final class X87ArithmeticHandlers {
  private static final int CONDITION_BITS = X87State.C0 | X87State.C2 | X87State.C3;

  private X87ArithmeticHandlers() {}

  /** An operation of Float80 with two operands: destination, source. */
  @FunctionalInterface
  private interface Binary {
    void apply(int aSe, long aM, int bSe, long bM, FloatEnv env);
  }

  static void register(HandlerTable table) {
    binary(table, Operation.FADD, Float80::add);
    binary(table, Operation.FMUL, Float80::mul);
    binary(table, Operation.FSUB, Float80::sub);
    binary(table, Operation.FSUBR, (aSe, aM, bSe, bM, env) -> Float80.sub(bSe, bM, aSe, aM, env));
    binary(table, Operation.FDIV, Float80::div);
    binary(table, Operation.FDIVR, (aSe, aM, bSe, bM, env) -> Float80.div(bSe, bM, aSe, aM, env));
    table.put(Operation.FCOM, (cpu, insn) -> compare(cpu, insn, true, false));
    table.put(Operation.FICOM, (cpu, insn) -> compare(cpu, insn, true, false));
    table.put(Operation.FUCOM, (cpu, insn) -> compare(cpu, insn, false, false));
    table.put(Operation.FCOMI, (cpu, insn) -> compare(cpu, insn, true, true));
    table.put(Operation.FUCOMI, (cpu, insn) -> compare(cpu, insn, false, true));
    table.put(Operation.FTST, X87ArithmeticHandlers::testAgainstZero);
    conditionalMove(table, Operation.FCMOVB, 2);
    conditionalMove(table, Operation.FCMOVNB, 3);
    conditionalMove(table, Operation.FCMOVE, 4);
    conditionalMove(table, Operation.FCMOVNE, 5);
    conditionalMove(table, Operation.FCMOVBE, 6);
    conditionalMove(table, Operation.FCMOVNBE, 7);
    conditionalMove(table, Operation.FCMOVU, 10);
    conditionalMove(table, Operation.FCMOVNU, 11);
  }

  private static void binary(HandlerTable table, Operation operation, Binary binary) {
    table.put(operation, (cpu, insn) -> arithmetic(cpu, insn, binary));
  }

  private static void arithmetic(Cpu cpu, Insn insn, Binary binary) {
    X87State x87 = X87Unit.begin(cpu);
    FloatEnv env = x87.env;
    int destination = insn.register0;
    boolean memory = X87Unit.fromMemory(insn, 1);
    if (memory) {
      X87Unit.loadOperand(cpu, insn, true);
    }
    X87Unit.note(cpu, insn);
    if (x87.isEmpty(destination) || !memory && x87.isEmpty(insn.register1)) {
      if (X87Unit.stackFault(x87, false)) {
        X87Unit.writeIndefinite(x87, destination);
        X87Unit.pop(x87, insn.x87Pops);
      }
      return;
    }
    int sourceSignExponent = memory ? env.signExp : X87Unit.signExponent(x87, insn.register1);
    long sourceMantissa = memory ? env.mantissa : X87Unit.mantissa(x87, insn.register1);
    binary.apply(
        X87Unit.signExponent(x87, destination),
        X87Unit.mantissa(x87, destination),
        sourceSignExponent,
        sourceMantissa,
        env);
    if ((env.flags & FloatEnv.ZE) != 0) {
      // A division by zero comes before a denormal dividend in memory.
      env.flags &= ~FloatEnv.DE;
    }
    if (X87Unit.merge(x87)) {
      return;
    }
    X87Unit.writeResult(x87, destination);
    X87Unit.pop(x87, insn.x87Pops);
  }

  /** The condition codes or flags are set even if an unmasked exception then stops the pop. */
  private static void compare(Cpu cpu, Insn insn, boolean signaling, boolean toFlags) {
    X87State x87 = X87Unit.begin(cpu);
    FloatEnv env = x87.env;
    boolean memory = X87Unit.fromMemory(insn, 1);
    if (memory) {
      X87Unit.loadOperand(cpu, insn, true);
    }
    X87Unit.note(cpu, insn);
    boolean stopped;
    int order;
    if (x87.isEmpty(0) || !memory && x87.isEmpty(insn.register1)) {
      stopped = !X87Unit.stackFault(x87, false);
      order = 2;
    } else {
      int bSe = memory ? env.signExp : X87Unit.signExponent(x87, insn.register1);
      long bM = memory ? env.mantissa : X87Unit.mantissa(x87, insn.register1);
      int aSe = X87Unit.signExponent(x87, 0);
      long aM = X87Unit.mantissa(x87, 0);
      order =
          signaling
              ? Float80.compareSignaling(aSe, aM, bSe, bM, env)
              : Float80.compareQuiet(aSe, aM, bSe, bM, env);
      // To RFLAGS it leaves C1 alone.
      int kept = toFlags ? x87.status & X87State.C1 : 0;
      env.roundedUp = false;
      stopped = X87Unit.merge(x87);
      x87.status |= kept;
    }
    if (toFlags) {
      cpu.setArithmeticFlags(
          switch (order) {
            case -1 -> Flags.CF;
            case 0 -> Flags.ZF;
            case 1 -> 0;
            default -> Flags.ZF | Flags.PF | Flags.CF;
          });
    } else {
      setConditions(x87, order);
    }
    if (!stopped) {
      X87Unit.pop(x87, insn.x87Pops);
    }
  }

  private static void setConditions(X87State x87, int order) {
    int bits =
        switch (order) {
          case -1 -> X87State.C0;
          case 0 -> X87State.C3;
          case 1 -> 0;
          default -> CONDITION_BITS;
        };
    x87.status = x87.status & ~CONDITION_BITS | bits;
  }

  private static void testAgainstZero(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    int order = 2;
    if (x87.isEmpty(0)) {
      boolean ignored = X87Unit.stackFault(x87, false);
    } else {
      order =
          Float80.compareSignaling(
              X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), 0, 0, x87.env);
      x87.env.roundedUp = false;
      boolean ignored = X87Unit.merge(x87);
    }
    setConditions(x87, order);
  }

  private static void conditionalMove(HandlerTable table, Operation operation, int condition) {
    table.put(
        operation,
        (cpu, insn) -> {
          X87State x87 = X87Unit.begin(cpu);
          X87Unit.note(cpu, insn);
          int source = insn.register1;
          if (x87.isEmpty(0) || x87.isEmpty(source)) {
            if (X87Unit.stackFault(x87, false)) {
              X87Unit.writeIndefinite(x87, 0);
            }
          } else if (cpu.condition(condition)) {
            X87Unit.write(x87, 0, X87Unit.signExponent(x87, source), X87Unit.mantissa(x87, source));
          }
        });
  }
}
