package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** ADD, SUB, AND, OR, XOR, CMP and TEST between registers and immediates of 4 and 8 bytes. */
final class ArithmeticOps {
  private ArithmeticOps() {}

  static @Nullable Op select(Insn insn) {
    if (insn.kind0 != OperandKind.GPR || insn.operandSize < 4) {
      return NarrowCompareOps.select(insn);
    }
    boolean immediate = insn.kind1 == OperandKind.IMMEDIATE;
    if (!immediate && insn.kind1 != OperandKind.GPR) {
      return null;
    }
    return switch (insn.operation) {
      case ADD -> immediate ? new AddImmediate(insn) : new AddRegister(insn);
      case SUB -> immediate ? new SubtractImmediate(insn) : new SubtractRegister(insn);
      case AND -> immediate ? new AndImmediate(insn) : new AndRegister(insn);
      case OR -> immediate ? new OrImmediate(insn) : new OrRegister(insn);
      case XOR -> immediate ? new XorImmediate(insn) : new XorRegister(insn);
      case CMP -> immediate ? new CompareImmediate(insn) : new CompareRegister(insn);
      case TEST -> immediate ? new TestImmediate(insn) : new TestRegister(insn);
      default -> null;
    };
  }

  private static final class AddRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;
    private final long mask;

    AddRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.ADD | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) + b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class AddImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;
    private final long mask;

    AddImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.ADD | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) + b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class SubtractRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;
    private final long mask;

    SubtractRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.SUB | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class SubtractImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;
    private final long mask;

    SubtractImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.SUB | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class AndRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;
    private final long mask;

    AndRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class AndImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;
    private final long mask;

    AndImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class OrRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;
    private final long mask;

    OrRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) | b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class OrImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;
    private final long mask;

    OrImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) | b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class XorRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;
    private final long mask;

    XorRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) ^ b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class XorImmediate extends Op {
    private final byte destination;
    private final long value;
    private final byte kind;
    private final long mask;

    XorImmediate(Insn insn) {
      destination = insn.register0;
      value = insn.immediate;
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) ^ b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, result & mask);
    }
  }

  private static final class CompareRegister extends Op {
    private final byte destination;
    private final byte source;
    private final byte kind;

    CompareRegister(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      kind = (byte) (Flags.SUB | (insn.operandSize == 8 ? 3 : 2));
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
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
      kind = (byte) (Flags.SUB | (insn.operandSize == 8 ? 3 : 2));
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
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
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
    }

    @Override
    public void execute(Cpu cpu) {
      long b = cpu.gpr(source);
      long result = cpu.gpr(destination) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
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
      kind = (byte) (Flags.LOGIC | (insn.operandSize == 8 ? 3 : 2));
    }

    @Override
    public void execute(Cpu cpu) {
      long b = value;
      long result = cpu.gpr(destination) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }
}
