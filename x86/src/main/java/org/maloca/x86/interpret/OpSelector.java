package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Chooses the op that executes an instruction: a specialised one for the hot forms. */
public final class OpSelector {
  private final HandlerTable handlers;
  private final boolean specialises;

  /**
   * Makes a selector.
   *
   * @param specialises false leaves every instruction to its reference behaviour, for comparisons
   */
  public OpSelector(HandlerTable handlers, boolean specialises) {
    this.handlers = handlers;
    this.specialises = specialises;
  }

  /** The op for an instruction in a mode. */
  public Op select(Insn insn, int mode) {
    if (specialises && hasPlainMemory(insn, mode) && !insn.lock) {
      Op special = specialised(insn, mode);
      if (special != null) {
        return special;
      }
    }
    return new HandlerOp(handlers.get(insn.operation), insn);
  }

  /** Whether a memory operand's address is its offset: no segment base, no limit. */
  private static boolean hasPlainMemory(Insn insn, int mode) {
    return !insn.hasMemory()
        || (mode & CodeMode.FLAT) != 0
            && insn.addressSize >= 4
            && (insn.segment < Cpu.FS && insn.segment != Cpu.CS || isPlainCode(insn, mode));
  }

  /** Outside 64-bit code the code segment cannot be written. */
  private static boolean isPlainCode(Insn insn, int mode) {
    return insn.segment == Cpu.CS && CodeMode.is64(mode);
  }

  private static @org.jspecify.annotations.Nullable Op specialised(Insn insn, int mode) {
    boolean memory =
        insn.kind0 == OperandKind.MEMORY
            || insn.kind1 == OperandKind.MEMORY
            || insn.kind2 == OperandKind.MEMORY;
    return switch (insn.operation) {
      case MOV, MOVZX, MOVSX, MOVSXD, LEA -> MoveOps.select(insn);
      case ADD, SUB, AND, OR, XOR, CMP, TEST, ADC, SBB ->
          memory ? MemoryArithmeticOps.select(insn) : ArithmeticOps.select(insn);
      case INC, DEC, NEG, NOT, SHL, SHR, SAR, IMUL -> UnaryAndShiftOps.select(insn);
      case PUSH, POP, CALL, RET, CALL_INDIRECT, JMP_INDIRECT ->
          CodeMode.is64(mode) ? StackOps64.select(insn) : null;
      case JCC, JMP, SETCC, CMOVCC -> ConditionOps.select(insn, mode);
      case NOP -> memory ? null : NopOp.INSTANCE;
      default -> null;
    };
  }
}
