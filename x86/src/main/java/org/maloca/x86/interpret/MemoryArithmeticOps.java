package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** ADD, SUB, AND, OR, XOR, CMP and TEST with an operand in memory. */
final class MemoryArithmeticOps {
  private MemoryArithmeticOps() {}

  static @Nullable Op select(Insn insn) {
    if (insn.kind0 == OperandKind.GPR && insn.kind1 == OperandKind.MEMORY) {
      return insn.operandSize >= 4 ? withSourceInMemory(insn) : null;
    }
    if (insn.kind0 != OperandKind.MEMORY) {
      return null;
    }
    return switch (insn.kind1) {
      case GPR -> registerToMemory(insn);
      case IMMEDIATE -> immediateToMemory(insn);
      default -> null;
    };
  }

  private static @Nullable Op withSourceInMemory(Insn insn) {
    return switch (insn.operation) {
      case ADD -> new AddFromMemory(insn);
      case SUB -> new SubtractFromMemory(insn);
      case AND -> new AndFromMemory(insn);
      case OR -> new OrFromMemory(insn);
      case XOR -> new XorFromMemory(insn);
      case CMP -> new CompareFromMemory(insn);
      default -> null;
    };
  }

  private static @Nullable Op registerToMemory(Insn insn) {
    return switch (insn.operation) {
      case ADD -> new AddRegisterToMemory(insn);
      case SUB -> new SubtractRegisterToMemory(insn);
      case AND -> new AndRegisterToMemory(insn);
      case OR -> new OrRegisterToMemory(insn);
      case XOR -> new XorRegisterToMemory(insn);
      case CMP -> new CompareRegisterToMemory(insn);
      case TEST -> new TestRegisterToMemory(insn);
      default -> null;
    };
  }

  private static @Nullable Op immediateToMemory(Insn insn) {
    return switch (insn.operation) {
      case ADD -> new AddImmediateToMemory(insn);
      case SUB -> new SubtractImmediateToMemory(insn);
      case AND -> new AndImmediateToMemory(insn);
      case OR -> new OrImmediateToMemory(insn);
      case XOR -> new XorImmediateToMemory(insn);
      case CMP -> new CompareImmediateToMemory(insn);
      case TEST -> new TestImmediateToMemory(insn);
      default -> null;
    };
  }

  private static int log2(int size) {
    return 31 - Integer.numberOfLeadingZeros(size);
  }

  private static final class AddFromMemory extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final byte kind;

    AddFromMemory(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.operandSize;
      kind = (byte) (Flags.ADD | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long b =
          size == 8 ? cpu.mmu.load64(address(cpu)) : cpu.mmu.load32(address(cpu)) & 0xffff_ffffL;
      long result = cpu.gpr(destination) + b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, size == 8 ? result : result & 0xffff_ffffL);
    }
  }

  private static final class AddRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    AddRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.ADD | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.loadForUpdate(va, size) + b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class AddImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    AddImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.ADD | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.loadForUpdate(va, size) + b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class SubtractFromMemory extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final byte kind;

    SubtractFromMemory(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.operandSize;
      kind = (byte) (Flags.SUB | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long b =
          size == 8 ? cpu.mmu.load64(address(cpu)) : cpu.mmu.load32(address(cpu)) & 0xffff_ffffL;
      long result = cpu.gpr(destination) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, size == 8 ? result : result & 0xffff_ffffL);
    }
  }

  private static final class SubtractRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    SubtractRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.SUB | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.loadForUpdate(va, size) - b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class SubtractImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    SubtractImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.SUB | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.loadForUpdate(va, size) - b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class AndFromMemory extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final byte kind;

    AndFromMemory(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long b =
          size == 8 ? cpu.mmu.load64(address(cpu)) : cpu.mmu.load32(address(cpu)) & 0xffff_ffffL;
      long result = cpu.gpr(destination) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, size == 8 ? result : result & 0xffff_ffffL);
    }
  }

  private static final class AndRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    AndRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.loadForUpdate(va, size) & b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class AndImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    AndImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.loadForUpdate(va, size) & b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class OrFromMemory extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final byte kind;

    OrFromMemory(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long b =
          size == 8 ? cpu.mmu.load64(address(cpu)) : cpu.mmu.load32(address(cpu)) & 0xffff_ffffL;
      long result = cpu.gpr(destination) | b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, size == 8 ? result : result & 0xffff_ffffL);
    }
  }

  private static final class OrRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    OrRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.loadForUpdate(va, size) | b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class OrImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    OrImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.loadForUpdate(va, size) | b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class XorFromMemory extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final byte kind;

    XorFromMemory(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long b =
          size == 8 ? cpu.mmu.load64(address(cpu)) : cpu.mmu.load32(address(cpu)) & 0xffff_ffffL;
      long result = cpu.gpr(destination) ^ b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
      cpu.setGpr(destination, size == 8 ? result : result & 0xffff_ffffL);
    }
  }

  private static final class XorRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    XorRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.loadForUpdate(va, size) ^ b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class XorImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    XorImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.loadForUpdate(va, size) ^ b;
      cpu.mmu.store(va, size, result);
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class CompareFromMemory extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final byte kind;

    CompareFromMemory(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.operandSize;
      kind = (byte) (Flags.SUB | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long b =
          size == 8 ? cpu.mmu.load64(address(cpu)) : cpu.mmu.load32(address(cpu)) & 0xffff_ffffL;
      long result = cpu.gpr(destination) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class CompareRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    CompareRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.SUB | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.load(va, size) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class CompareImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    CompareImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.SUB | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.load(va, size) - b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class TestRegisterToMemory extends MemoryOp {
    private final byte source;
    private final byte size;
    private final byte kind;

    TestRegisterToMemory(Insn insn) {
      super(insn);
      source = insn.register1;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = cpu.gpr(source);
      long result = cpu.mmu.load(va, size) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }

  private static final class TestImmediateToMemory extends MemoryOp {
    private final long value;
    private final byte size;
    private final byte kind;

    TestImmediateToMemory(Insn insn) {
      super(insn);
      value = insn.immediate;
      size = insn.operandSize;
      kind = (byte) (Flags.LOGIC | log2(size));
    }

    @Override
    public void execute(Cpu cpu) {
      long va = address(cpu);
      long b = value;
      long result = cpu.mmu.load(va, size) & b;
      cpu.flagKind = kind;
      cpu.flagResult = result;
      cpu.flagSource = b;
    }
  }
}
