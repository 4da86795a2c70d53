package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * Jcc, JMP, SETcc and CMOVcc. Where a comparison set the flags, the condition is computed directly.
 */
final class ConditionOps {
  private ConditionOps() {}

  static @Nullable Op select(Insn insn, int mode) {
    return switch (insn.operation) {
      case JCC, JMP -> jump(insn, mode);
      case SETCC -> insn.kind0 == OperandKind.GPR ? new SetCondition(insn) : null;
      default ->
          insn.kind1 == OperandKind.GPR && insn.operandSize >= 4 ? new ConditionalMove(insn) : null;
    };
  }

  private static @Nullable Op jump(Insn insn, int mode) {
    // Elsewhere targets are cut or checked against a limit.
    boolean direct =
        CodeMode.is64(mode)
            ? insn.operandSize == 8
            : (mode & CodeMode.FLAT) != 0 && insn.operandSize == 4;
    if (!direct) {
      return null;
    }
    if (insn.operation == org.maloca.x86.ir.Operation.JMP) {
      return CodeMode.is64(mode) ? new Jump64(insn) : new Jump32(insn);
    }
    return CodeMode.is64(mode) ? new ConditionalJump64(insn) : new ConditionalJump32(insn);
  }

  /** The condition after SUB or CMP of operands in the top bits; others by {@link Flags}. */
  static boolean holds(Cpu cpu, int condition) {
    int kind = cpu.flagKind;
    long result = cpu.flagResult;
    long source = cpu.flagSource;
    if (kind >>> 2 == Flags.SUB >>> 2) {
      int shift = 64 - (8 << (kind & 3));
      long b = source << shift;
      long r = result << shift;
      long a = r + b;
      switch (condition) {
        case 2:
          return Long.compareUnsigned(a, b) < 0;
        case 3:
          return Long.compareUnsigned(a, b) >= 0;
        case 4:
          return r == 0;
        case 5:
          return r != 0;
        case 6:
          return Long.compareUnsigned(a, b) <= 0;
        case 7:
          return Long.compareUnsigned(a, b) > 0;
        case 12:
          return a < b;
        case 13:
          return a >= b;
        case 14:
          return a <= b;
        case 15:
          return a > b;
        default:
          break;
      }
    }
    return Flags.condition(condition, kind, result, source);
  }

  private static final class ConditionalJump64 extends Op {
    private final byte condition;
    private final long distance;

    ConditionalJump64(Insn insn) {
      condition = insn.condition;
      distance = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      if (holds(cpu, condition)) {
        long target = cpu.blockNext + distance;
        if (target << 16 >> 16 != target) {
          throw cpu.generalProtection();
        }
        cpu.rip = target;
      } else {
        cpu.rip = cpu.blockNext;
      }
    }
  }

  private static final class ConditionalJump32 extends Op {
    private final byte condition;
    private final long distance;

    ConditionalJump32(Insn insn) {
      condition = insn.condition;
      distance = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.rip = cpu.blockNext + (holds(cpu, condition) ? distance : 0) & 0xffff_ffffL;
    }
  }

  private static final class Jump64 extends Op {
    private final long distance;

    Jump64(Insn insn) {
      distance = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      long target = cpu.blockNext + distance;
      if (target << 16 >> 16 != target) {
        throw cpu.generalProtection();
      }
      cpu.rip = target;
    }
  }

  private static final class Jump32 extends Op {
    private final long distance;

    Jump32(Insn insn) {
      distance = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.rip = cpu.blockNext + distance & 0xffff_ffffL;
    }
  }

  private static final class SetCondition extends Op {
    private final byte condition;
    private final byte destination;

    SetCondition(Insn insn) {
      condition = insn.condition;
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.setGpr(destination, cpu.gpr(destination) & ~0xffL | (holds(cpu, condition) ? 1 : 0));
    }
  }

  private static final class ConditionalMove extends Op {
    private final byte condition;
    private final byte destination;
    private final byte source;
    private final long mask;

    ConditionalMove(Insn insn) {
      condition = insn.condition;
      destination = insn.register0;
      source = insn.register1;
      mask = insn.operandSize == 8 ? -1L : 0xffff_ffffL;
    }

    @Override
    public void execute(Cpu cpu) {
      long value = holds(cpu, condition) ? cpu.gpr(source) : cpu.gpr(destination);
      cpu.setGpr(destination, value & mask);
    }
  }
}
