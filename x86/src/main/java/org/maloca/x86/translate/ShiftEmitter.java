package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * Bytecode for SHL, SHR, SAR, SHLD, SHRD and the shifts of BMI2. Flags follow lazily from the value
 * before the last place; a count of 0 keeps them.
 */
final class ShiftEmitter implements InsnEmitter {
  /** The count of a shift by CL, an int. */
  private static final int COUNT = Locals.FAULT;

  private final Emitter emitter;
  private final MethodCode code;

  ShiftEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case SHL, SHR, SAR, SHLX, SHRX, SARX -> true;
      case SHLD, SHRD -> insn.operandSize >= 4;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case SHL, SHR, SAR -> shift(insn, at);
      case SHLD, SHRD -> shiftDouble(insn, at);
      default -> shiftWithoutFlags(insn, at);
    }
  }

  /** The bits of a count that a shift obeys. */
  static int countMask(int size) {
    return size == 8 ? 63 : 31;
  }

  /** Stores the count of a shift by a register to the int local. */
  static void readCount(Emitter emitter, Insn insn, int operand, int local) {
    emitter.readSimple(insn, operand);
    emitter.code.l2i().loadConstant(countMask(insn.operandSize)).iand().istore(local);
  }

  private void shift(Insn insn, int at) {
    int size = insn.operandSize;
    boolean known = insn.kind1 == OperandKind.IMMEDIATE;
    int count = (int) insn.immediate & countMask(size);
    if (!known) {
      readCount(emitter, insn, 1, COUNT);
    }
    emitter.readForUpdate(insn, at);
    extend(insn.operation, size);
    code.lstore(Locals.TEMP_C);
    // All places but one, for the flags; then that one. By a count of 0 nothing is shifted.
    boolean flags = emitter.isLive(Flags.ARITHMETIC);
    code.lload(Locals.TEMP_C);
    if (known) {
      code.loadConstant(count);
    } else {
      code.iload(COUNT);
    }
    shift(insn.operation);
    code.lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    if (!flags || known && count == 0) {
      return;
    }
    int kind = kind(insn.operation) | Emitter.log2(size);
    if (known) {
      code.lload(Locals.TEMP_C);
      if (count > 1) {
        code.loadConstant(count - 1);
        shift(insn.operation);
      }
      code.lstore(Locals.TEMP_B);
      emitter.setFlags(kind, Locals.TEMP_A, Locals.TEMP_B);
      return;
    }
    Label unchanged = code.newLabel();
    int before = emitter.flagKind;
    code.iload(COUNT).ifeq(unchanged);
    code.lload(Locals.TEMP_C).iload(COUNT).iconst_1().isub();
    shift(insn.operation);
    code.lstore(Locals.TEMP_B);
    emitter.setFlags(kind, Locals.TEMP_A, Locals.TEMP_B);
    code.labelBinding(unchanged);
    emitter.flagKind = before == kind ? kind : Emitter.UNKNOWN;
  }

  private static int kind(Operation operation) {
    return switch (operation) {
      case SHL -> Flags.SHIFT_LEFT;
      case SHR -> Flags.SHIFT_RIGHT;
      default -> Flags.SHIFT_ARITHMETIC;
    };
  }

  /** Makes the operand on the stack fit to be shifted right. */
  private void extend(Operation operation, int size) {
    switch (operation) {
      case SHR, SHRX -> emitter.zeroExtend(size);
      case SAR, SARX -> emitter.signExtend(size);
      default -> {}
    }
  }

  /** Shifts the long on the stack by the int above it. */
  private void shift(Operation operation) {
    switch (operation) {
      case SHL, SHLX -> code.lshl();
      case SHR, SHRX -> code.lushr();
      default -> code.lshr();
    }
  }

  private void shiftWithoutFlags(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.read(insn, 1, size, at);
    extend(insn.operation, size);
    emitter.readSimple(insn, 2);
    code.l2i().loadConstant(countMask(size)).iand();
    shift(insn.operation);
    emitter.writeGuest(insn.register0, size);
  }

  private void shiftDouble(Insn insn, int at) {
    boolean known = insn.kind2 == OperandKind.IMMEDIATE;
    if (known) {
      code.loadConstant((int) insn.immediate & countMask(insn.operandSize)).istore(COUNT);
    } else {
      readCount(emitter, insn, 2, COUNT);
    }
    emitter.readSimple(insn, 1);
    code.lstore(Locals.TEMP_B);
    emitter.readForUpdate(insn, at);
    code.lstore(Locals.TEMP_C);
    if (insn.operandSize == 8) {
      shiftPair64(insn.operation == Operation.SHLD);
    } else {
      shiftPair32(insn.operation == Operation.SHLD);
    }
    code.lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    if (!emitter.isLive(Flags.ARITHMETIC)) {
      return;
    }
    if (known && (insn.immediate & countMask(insn.operandSize)) == 0) {
      return;
    }
    Label unchanged = code.newLabel();
    if (!known) {
      code.iload(COUNT).ifeq(unchanged);
    }
    if (insn.operation == Operation.SHLD) {
      leftFlags(insn.operandSize);
    } else {
      rightFlags(insn.operandSize);
    }
    code.labelBinding(unchanged);
    if (!known) {
      emitter.flagKind = Emitter.UNKNOWN;
    }
  }

  /** Pushes TEMP_C shifted, filled from TEMP_B; by 0 as well, since JVM shifts by 64 are by 0. */
  private void shiftPair64(boolean left) {
    // The filling is shifted in two steps, so that a count of 0 fills with nothing.
    code.lload(Locals.TEMP_C).iload(COUNT);
    if (left) {
      code.lshl().lload(Locals.TEMP_B).iconst_1().lushr();
      code.loadConstant(63).iload(COUNT).isub().lushr();
    } else {
      code.lushr().lload(Locals.TEMP_B).iconst_1().lshl();
      code.loadConstant(63).iload(COUNT).isub().lshl();
    }
    code.lor();
  }

  /** As {@link #shiftPair64} for halves of one long. */
  private void shiftPair32(boolean left) {
    code.lload(left ? Locals.TEMP_C : Locals.TEMP_B).loadConstant(32).lshl();
    code.lload(left ? Locals.TEMP_B : Locals.TEMP_C);
    emitter.zeroExtend(4);
    code.lor();
    if (left) {
      code.loadConstant(32).iload(COUNT).isub().lushr();
    } else {
      code.iload(COUNT).lushr();
    }
  }

  /** As after SHL: the carry is the top bit of the value before the last place. */
  private void leftFlags(int size) {
    code.lload(Locals.TEMP_C).iload(COUNT).iconst_1().isub().lshl().lstore(Locals.TEMP_B);
    emitter.setFlags(Flags.SHIFT_LEFT | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }

  /** OF is the exclusive or of the result's two top bits. */
  private void rightFlags(int size) {
    int top = 8 * size - 1;
    code.lload(Locals.TEMP_A).lload(Locals.TEMP_A).iconst_1().lshl().lxor();
    code.loadConstant(top).lushr().lconst_1().land().loadConstant(11).lshl();
    code.lload(Locals.TEMP_C).iload(COUNT).iconst_1().isub().lushr().lconst_1().land().lor();
    code.loadConstant((long) Flags.AF).lor().lstore(Locals.TEMP_B);
    emitter.setFlags(Flags.RESULT_AND_CARRIES | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }
}
