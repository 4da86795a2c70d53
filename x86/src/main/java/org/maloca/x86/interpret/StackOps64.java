package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** PUSH, POP, CALL, RET and indirect branches of 64-bit code. */
final class StackOps64 {
  private StackOps64() {}

  static @Nullable Op select(Insn insn) {
    if (insn.operandSize != 8) {
      return null;
    }
    return switch (insn.operation) {
      case PUSH ->
          switch (insn.kind0) {
            case GPR -> new PushRegister(insn);
            case IMMEDIATE -> new PushImmediate(insn);
            default -> null;
          };
      case POP -> insn.kind0 == OperandKind.GPR ? new PopRegister(insn) : null;
      case CALL -> new CallRelative(insn);
      case RET -> new Return(insn);
      case CALL_INDIRECT -> insn.kind0 == OperandKind.GPR ? new CallRegister(insn) : null;
      case JMP_INDIRECT ->
          switch (insn.kind0) {
            case GPR -> new JumpRegister(insn);
            case MEMORY -> new JumpMemory(insn);
            default -> null;
          };
      default -> null;
    };
  }

  private static void push(Cpu cpu, long value) {
    long pointer = cpu.rsp - 8;
    cpu.mmu.store64(cpu.stackLinear(pointer, 8, true), value);
    cpu.rsp = pointer;
  }

  private static long checked(Cpu cpu, long target) {
    if (target << 16 >> 16 != target) {
      throw cpu.generalProtection();
    }
    return target;
  }

  private static final class PushRegister extends Op {
    private final byte source;

    PushRegister(Insn insn) {
      source = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      push(cpu, cpu.gpr(source));
    }
  }

  private static final class PushImmediate extends Op {
    private final long value;

    PushImmediate(Insn insn) {
      value = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      push(cpu, value);
    }
  }

  private static final class PopRegister extends Op {
    private final byte destination;

    PopRegister(Insn insn) {
      destination = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      long pointer = cpu.rsp;
      long value = cpu.mmu.load64(cpu.stackLinear(pointer, 8, false));
      cpu.rsp = pointer + 8;
      cpu.setGpr(destination, value);
    }
  }

  private static final class CallRelative extends Op {
    private final long distance;

    CallRelative(Insn insn) {
      distance = insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      long after = cpu.blockNext;
      long target = checked(cpu, after + distance);
      push(cpu, after);
      cpu.rip = target;
    }
  }

  private static final class CallRegister extends Op {
    private final byte source;

    CallRegister(Insn insn) {
      source = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      long target = cpu.gpr(source);
      if (target << 16 >> 16 != target) {
        cpu.mmu.probeWrite(cpu.stackLinear(cpu.rsp - 8, 8, true), 8);
        throw cpu.generalProtection();
      }
      push(cpu, cpu.blockNext);
      cpu.rip = target;
    }
  }

  private static final class Return extends Op {
    private final long release;

    Return(Insn insn) {
      release = 8 + insn.immediate;
    }

    @Override
    public void execute(Cpu cpu) {
      long pointer = cpu.rsp;
      cpu.rip = checked(cpu, cpu.mmu.load64(cpu.stackLinear(pointer, 8, false)));
      cpu.rsp = pointer + release;
    }
  }

  private static final class JumpRegister extends Op {
    private final byte source;

    JumpRegister(Insn insn) {
      source = insn.register0;
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.rip = checked(cpu, cpu.gpr(source));
    }
  }

  private static final class JumpMemory extends MemoryOp {
    JumpMemory(Insn insn) {
      super(insn);
    }

    @Override
    public void execute(Cpu cpu) {
      cpu.rip = checked(cpu, cpu.mmu.load64(address(cpu)));
    }
  }
}
