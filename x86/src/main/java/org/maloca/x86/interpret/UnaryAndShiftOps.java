package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** INC, DEC, NEG, NOT, shifts by an immediate and two-operand IMUL of 4- and 8-byte registers. */
final class UnaryAndShiftOps {
  private UnaryAndShiftOps() {}

  static @Nullable Op select(Insn insn) {
    if (insn.kind0 != OperandKind.GPR || insn.operandSize < 4) {
      return null;
    }
    int count = (int) insn.immediate & (insn.operandSize == 8 ? 63 : 31);
    boolean shifts = insn.kind1 == OperandKind.IMMEDIATE && count != 0;
    return switch (insn.operation) {
      case INC -> new Increment(insn);
      case DEC -> new Decrement(insn);
      case NEG -> new Negate(insn);
      case NOT -> new Not(insn);
      case SHL -> shifts ? new ShiftLeft(insn) : null;
      case SHR -> shifts ? new ShiftRight(insn) : null;
      case SAR -> shifts ? new ShiftArithmeticRight(insn) : null;
      default -> null;
    };
  }

  private static final class Increment extends Op {
    private final byte destination;
    private final byte kind;
    private final long mask;

    Increment(Insn insn) {
      destination = insn.register0;
      kind = (byte) (Flags.INC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long carry = cpu.carryFlag() ? 1 : 0;
      long result = cpu.gpr(destination) + 1;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = carry;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class Decrement extends Op {
    private final byte destination;
    private final byte kind;
    private final long mask;

    Decrement(Insn insn) {
      destination = insn.register0;
      kind = (byte) (Flags.DEC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long carry = cpu.carryFlag() ? 1 : 0;
      long result = cpu.gpr(destination) - 1;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = carry;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class Negate extends Op {
    private final byte destination;
    private final byte kind;
    private final long mask;

    Negate(Insn insn) {
      destination = insn.register0;
      kind = (byte) (Flags.SUB | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(destination);
      long result = -b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class Not extends Op {
    private final byte destination;
    private final long mask;

    Not(Insn insn) {
      destination = insn.register0;
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, ~cpu.gpr(destination) & mask);
    }
  }

  private static final class ShiftLeft extends Op {
    private final byte destination;
    private final byte kind;
    private final long mask;
    private final int count;
    private final int top;

    ShiftLeft(Insn insn) {
      destination = insn.register0;
      kind = (byte) (Flags.RESULT_AND_CARRIES | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
      count = (int) insn.immediate & (insn.operandSize == 8 ? 63 : 31);
      top = insn.operandSize * 8 - 1;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = cpu.gpr(destination);
      long result = value << count;
      int carry = (int) (value << count - 1 >>> top) & 1;
      int sign = (int) (result >>> top) & 1;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = Flags.AF | carry | (carry ^ sign) << 11;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class ShiftRight extends Op {
    private final byte destination;
    private final byte kind;
    private final int count;
    private final int top;

    ShiftRight(Insn insn) {
      destination = insn.register0;
      kind = (byte) (Flags.RESULT_AND_CARRIES | (insn.operandSize == 8 ? 3 : 2));
      count = (int) insn.immediate & (insn.operandSize == 8 ? 63 : 31);
      top = insn.operandSize * 8 - 1;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = cpu.gpr(destination);
      if (top == 31) {
        value &= 0xffff_ffffL;
      }
      long result = value >>> count;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      // OF is what hardware leaves: the sign changed by the last step.
      long last = value >>> count - 1;
      cpu.flagSource = Flags.AF | last & 1 | (last >>> top ^ result >>> top & 1) << 11;
      cpu.setGpr(destination, result);
    }
  }

  private static final class ShiftArithmeticRight extends Op {
    private final byte destination;
    private final byte kind;
    private final long mask;
    private final int count;

    ShiftArithmeticRight(Insn insn) {
      destination = insn.register0;
      kind = (byte) (Flags.RESULT_AND_CARRIES | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
      count = (int) insn.immediate & (insn.operandSize == 8 ? 63 : 31);
    }

    @Override
    public void execute(Cpu cpu) {
      long value = mask == -1L ? cpu.gpr(destination) : (int) cpu.gpr(destination);
      long result = value >> count;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = Flags.AF | value >> count - 1 & 1;
      cpu.setGpr(destination, result & mask);
    }
  }
}
