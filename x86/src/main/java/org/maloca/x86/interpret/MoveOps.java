package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** MOV, MOVZX, MOVSX, MOVSXD and LEA in their common forms. */
final class MoveOps {
  private MoveOps() {}

  static @Nullable Op select(Insn insn) {
    return switch (insn.operation) {
      case MOV -> move(insn);
      case LEA ->
          insn.operandSize == 8 ? new Lea64(insn) : insn.operandSize == 4 ? new Lea32(insn) : null;
      case MOVZX -> zeroExtending(insn);
      default -> signExtending(insn);
    };
  }

  private static @Nullable Op move(Insn insn) {
    boolean wide = insn.operandSize == 8;
    if (insn.operandSize < 4) {
      return narrowMove(insn);
    }
    if (insn.kind0 == OperandKind.GPR) {
      return switch (insn.kind1) {
        case GPR -> wide ? new MoveRegister64(insn) : new MoveRegister32(insn);
        case IMMEDIATE -> new MoveImmediate(insn);
        case MEMORY -> wide ? new Load64(insn) : new Load32(insn);
        default -> null;
      };
    }
    if (insn.kind0 != OperandKind.MEMORY) {
      return null;
    }
    return switch (insn.kind1) {
      case GPR -> wide ? new Store64(insn) : new Store32(insn);
      case IMMEDIATE -> wide ? new StoreImmediate64(insn) : new StoreImmediate32(insn);
      default -> null;
    };
  }

  private static @Nullable Op narrowMove(Insn insn) {
    boolean bytes = insn.operandSize == 1;
    if (insn.kind0 == OperandKind.GPR && insn.kind1 == OperandKind.MEMORY) {
      return bytes ? new Load8(insn) : null;
    }
    if (insn.kind0 == OperandKind.MEMORY && insn.kind1 == OperandKind.GPR) {
      return bytes ? new Store8(insn) : new Store16(insn);
    }
    if (insn.kind0 == OperandKind.MEMORY && insn.kind1 == OperandKind.IMMEDIATE) {
      return bytes ? new StoreImmediate8(insn) : null;
    }
    return null;
  }

  private static @Nullable Op zeroExtending(Insn insn) {
    if (insn.operandSize < 4 || insn.kind0 != OperandKind.GPR) {
      return null;
    }
    boolean bytes = insn.sourceSize == 1;
    return switch (insn.kind1) {
      case GPR -> bytes ? new ZeroExtend8(insn) : new ZeroExtend16(insn);
      case MEMORY -> bytes ? new LoadZero8(insn) : new LoadZero16(insn);
      default -> null;
    };
  }

  private static @Nullable Op signExtending(Insn insn) {
    if (insn.operandSize < 4 || insn.kind0 != OperandKind.GPR) {
      return null;
    }
    return switch (insn.kind1) {
      case GPR -> new SignExtend(insn);
      case MEMORY -> new LoadSigned(insn);
      default -> null;
    };
  }

  private static final class MoveRegister64 extends Op {
    private final byte destination;
    private final byte source;

    MoveRegister64(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.gpr(source));
    }
  }

  private static final class MoveRegister32 extends Op {
    private final byte destination;
    private final byte source;

    MoveRegister32(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.gpr(source) & 0xffff_ffffL);
    }
  }

  private static final class MoveImmediate extends Op {
    private final byte destination;
    private final long value;

    MoveImmediate(Insn insn) {
      destination = insn.register0;
      value = Cpu.zeroExtend(insn.immediate, insn.operandSize);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, value);
    }
  }

  private static final class Load64 extends MemoryOp {
    private final byte destination;

    Load64(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.mmu.load64(address(cpu)));
    }
  }

  private static final class Load32 extends MemoryOp {
    private final byte destination;

    Load32(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.mmu.load32(address(cpu)) & 0xffff_ffffL);
    }
  }

  private static final class Load8 extends MemoryOp {
    private final byte destination;

    Load8(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      int value = cpu.mmu.load8(address(cpu));
      cpu.setGpr(destination, cpu.gpr(destination) & ~0xffL | value);
    }
  }

  private static final class Store64 extends MemoryOp {
    private final byte source;

    Store64(Insn insn) {
      super(insn);
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store64(address(cpu), cpu.gpr(source));
    }
  }

  private static final class Store32 extends MemoryOp {
    private final byte source;

    Store32(Insn insn) {
      super(insn);
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store32(address(cpu), (int) cpu.gpr(source));
    }
  }

  private static final class Store16 extends MemoryOp {
    private final byte source;

    Store16(Insn insn) {
      super(insn);
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store16(address(cpu), (int) cpu.gpr(source));
    }
  }

  private static final class Store8 extends MemoryOp {
    private final byte source;

    Store8(Insn insn) {
      super(insn);
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store8(address(cpu), (int) cpu.gpr(source));
    }
  }

  private static final class StoreImmediate64 extends MemoryOp {
    private final long value;

    StoreImmediate64(Insn insn) {
      super(insn);
      value = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store64(address(cpu), value);
    }
  }

  private static final class StoreImmediate32 extends MemoryOp {
    private final int value;

    StoreImmediate32(Insn insn) {
      super(insn);
      value = (int) insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store32(address(cpu), value);
    }
  }

  private static final class StoreImmediate8 extends MemoryOp {
    private final int value;

    StoreImmediate8(Insn insn) {
      super(insn);
      value = (int) insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.mmu.store8(address(cpu), value);
    }
  }

  private static final class ZeroExtend8 extends Op {
    private final byte destination;
    private final byte source;

    ZeroExtend8(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.gpr(source) & 0xff);
    }
  }

  private static final class ZeroExtend16 extends Op {
    private final byte destination;
    private final byte source;

    ZeroExtend16(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.gpr(source) & 0xffff);
    }
  }

  private static final class LoadZero8 extends MemoryOp {
    private final byte destination;

    LoadZero8(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.mmu.load8(address(cpu)));
    }
  }

  private static final class LoadZero16 extends MemoryOp {
    private final byte destination;

    LoadZero16(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.mmu.load16(address(cpu)));
    }
  }

  private static final class SignExtend extends Op {
    private final byte destination;
    private final byte source;
    private final int shift;
    private final long mask;

    SignExtend(Insn insn) {
      destination = insn.register0;
      source = insn.register1;
      shift = 64 - 8 * insn.sourceSize;
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.gpr(source) << shift >> shift & mask);
    }
  }

  private static final class LoadSigned extends MemoryOp {
    private final byte destination;
    private final byte size;
    private final int shift;
    private final long mask;

    LoadSigned(Insn insn) {
      super(insn);
      destination = insn.register0;
      size = insn.sourceSize;
      shift = 64 - 8 * size;
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.mmu.load(address(cpu), size) << shift >> shift & mask);
    }
  }

  private static final class Lea64 extends MemoryOp {
    private final byte destination;

    Lea64(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, address(cpu));
    }
  }

  private static final class Lea32 extends MemoryOp {
    private final byte destination;

    Lea32(Insn insn) {
      super(insn);
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, address(cpu) & 0xffff_ffffL);
    }
  }
}
