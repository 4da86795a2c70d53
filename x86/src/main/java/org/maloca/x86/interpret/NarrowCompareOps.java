package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** CMP and TEST of bytes and words in registers: they change flags only. */
final class NarrowCompareOps {
  private NarrowCompareOps() {}

  static @Nullable Op select(Insn insn) {
    if (insn.kind0 != OperandKind.GPR
        || insn.operandSize > 2
        || insn.kind1 != OperandKind.GPR && insn.kind1 != OperandKind.IMMEDIATE) {
      return null;
    }
    boolean immediate = insn.kind1 == OperandKind.IMMEDIATE;
    return switch (insn.operation) {
      case CMP -> immediate ? new CompareImmediate(insn) : new CompareRegister(insn);
      case TEST -> immediate ? new TestImmediate(insn) : new TestRegister(insn);
      default -> null;
    };
  }

  private static final class CompareRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;

    CompareRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.SUB | insn.operandSize - 1);
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      cpu.flagKind = kind;
      cpu.flagResult = cpu.gpr(destination) - b;
      cpu.flagSource = b;
    }
  }

  private static final class CompareImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;

    CompareImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.SUB | insn.operandSize - 1);
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      cpu.flagKind = kind;
      cpu.flagResult = cpu.gpr(destination) - b;
      cpu.flagSource = b;
    }
  }

  private static final class TestRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;

    TestRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.LOGIC | insn.operandSize - 1);
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      cpu.flagKind = kind;
      cpu.flagResult = cpu.gpr(destination) & b;
      cpu.flagSource = b;
    }
  }

  private static final class TestImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;

    TestImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.LOGIC | insn.operandSize - 1);
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      cpu.flagKind = kind;
      cpu.flagResult = cpu.gpr(destination) & b;
      cpu.flagSource = b;
    }
  }
}
