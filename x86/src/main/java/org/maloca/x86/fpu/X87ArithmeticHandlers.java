package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** x87 arithmetic of two operands, comparisons and conditional moves. */
final class X87ArithmeticHandlers {
  private X87ArithmeticHandlers() {}

  /** An operation of {@link X87Arithmetic} on registers. */
  @FunctionalInterface
  private interface OnRegisters {
    void apply(Cpu cpu, int destination, int source, int pops);
  }

  /** An operation of {@link X87Arithmetic} on ST(0) and an operand from memory. */
  @FunctionalInterface
  private interface OnOperand {
    void apply(Cpu cpu);
  }

  static void register(HandlerTable table) {
    binary(table, Operation.FADD, X87Arithmetic::add, X87Arithmetic::addOperand);
    binary(table, Operation.FMUL, X87Arithmetic::mul, X87Arithmetic::mulOperand);
    binary(table, Operation.FSUB, X87Arithmetic::sub, X87Arithmetic::subOperand);
    binary(table, Operation.FSUBR, X87Arithmetic::subReversed, X87Arithmetic::subReversedOperand);
    binary(table, Operation.FDIV, X87Arithmetic::div, X87Arithmetic::divOperand);
    binary(table, Operation.FDIVR, X87Arithmetic::divReversed, X87Arithmetic::divReversedOperand);
    table.put(Operation.FCOM, (cpu, insn) -> compare(cpu, insn, true));
    table.put(Operation.FICOM, (cpu, insn) -> compare(cpu, insn, true));
    table.put(Operation.FUCOM, (cpu, insn) -> compare(cpu, insn, false));
    table.put(Operation.FCOMI, (cpu, insn) -> compareToFlags(cpu, insn, true));
    table.put(Operation.FUCOMI, (cpu, insn) -> compareToFlags(cpu, insn, false));
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

  private static void binary(
      HandlerTable table, Operation operation, OnRegisters onRegisters, OnOperand onOperand) {
    table.put(
        operation,
        (cpu, insn) -> {
          if (X87Unit.fromMemory(insn, 1)) {
            loadOperand(cpu, insn);
            onOperand.apply(cpu);
          } else {
            onRegisters.apply(cpu, insn.register0, insn.register1, insn.x87Pops);
          }
          X87Unit.note(cpu, insn);
        });
  }

  private static void loadOperand(Cpu cpu, Insn insn) {
    X87State ignored = X87Unit.begin(cpu);
    long va = cpu.linear(insn, insn.x87Format.bytes(), false);
    switch (insn.x87Format) {
      case FLOAT32 -> X87Operands.float32(cpu, va);
      case FLOAT64 -> X87Operands.float64(cpu, va);
      case INT16 -> X87Operands.int16(cpu, va);
      default -> X87Operands.int32(cpu, va);
    }
  }

  private static void compare(Cpu cpu, Insn insn, boolean signaling) {
    if (X87Unit.fromMemory(insn, 1)) {
      loadOperand(cpu, insn);
      X87Comparison.compareOperand(cpu, insn.x87Pops);
    } else {
      X87Comparison.compare(cpu, insn.register1, signaling, insn.x87Pops);
    }
    X87Unit.note(cpu, insn);
  }

  private static void compareToFlags(Cpu cpu, Insn insn, boolean signaling) {
    cpu.setArithmeticFlags(
        X87Comparison.compareToFlags(cpu, insn.register1, signaling, insn.x87Pops));
    X87Unit.note(cpu, insn);
  }

  private static void testAgainstZero(Cpu cpu, Insn insn) {
    X87Comparison.testAgainstZero(cpu);
    X87Unit.note(cpu, insn);
  }

  private static void conditionalMove(HandlerTable table, Operation operation, int condition) {
    table.put(
        operation,
        (cpu, insn) -> {
          X87Registers.moveIf(cpu, insn.register1, cpu.condition(condition));
          X87Unit.note(cpu, insn);
        });
  }
}
