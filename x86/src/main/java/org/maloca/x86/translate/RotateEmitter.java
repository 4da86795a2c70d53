package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * Bytecode for rotates: ROL and ROR, RCL and RCR by one place, RORX. They change CF and OF only,
 * which are laid over the flags from before.
 */
final class RotateEmitter implements InsnEmitter {
  /** The count of a rotate by CL, an int. */
  private static final int COUNT = Locals.FAULT;

  private final Emitter emitter;
  private final MethodCode code;

  RotateEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case ROL, ROR, RORX -> true;
      case RCL, RCR ->
          insn.kind1 == OperandKind.IMMEDIATE
              && (insn.immediate & ShiftEmitter.countMask(insn.operandSize)) == 1;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case ROL, ROR -> rotate(insn, at);
      case RORX -> {
        emitter.read(insn, 1, insn.operandSize, at);
        rotateBy((int) insn.immediate, insn.operandSize, false);
        emitter.writeGuest(insn.register0, insn.operandSize);
      }
      default -> rotateThroughCarry(insn, at);
    }
  }

  private void rotate(Insn insn, int at) {
    int size = insn.operandSize;
    boolean left = insn.operation == Operation.ROL;
    boolean known = insn.kind1 == OperandKind.IMMEDIATE;
    int count = (int) insn.immediate & ShiftEmitter.countMask(size);
    if (!known) {
      ShiftEmitter.readCount(emitter, insn, 1, COUNT);
    }
    emitter.readForUpdate(insn, at);
    if (known) {
      rotateBy(count, size, left);
    } else {
      rotateByCount(size, left);
    }
    code.lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    if (!emitter.isLive(Flags.CF | Flags.OF) || known && count == 0) {
      return;
    }
    if (known) {
      overlay(size, left);
      return;
    }
    Label unchanged = code.newLabel();
    code.iload(COUNT).ifeq(unchanged);
    overlay(size, left);
    code.labelBinding(unchanged);
    emitter.flagKind = Emitter.UNKNOWN;
  }

  /** Rotates the long on the stack; the result has no junk. */
  private void rotateBy(int count, int size, boolean left) {
    int bits = 8 * size;
    int leftCount = (left ? count : -count) & bits - 1;
    if (size == 8) {
      code.loadConstant(leftCount);
      code.invokestatic(Names.LONG_CLASS, "rotateLeft", Names.LONG_INT_TO_LONG);
    } else if (size == 4) {
      code.l2i().loadConstant(leftCount);
      code.invokestatic(Names.INTEGER_CLASS, "rotateLeft", Names.INT_INT_TO_INT);
      code.i2l();
      emitter.zeroExtend(4);
    } else {
      emitter.zeroExtend(size);
      code.dup2().loadConstant(leftCount).lshl();
      code.lstore(Locals.TEMP_B);
      code.loadConstant(bits - leftCount).lushr().lload(Locals.TEMP_B).lor();
      emitter.zeroExtend(size);
    }
  }

  private void rotateByCount(int size, boolean left) {
    String name = left ? "rotateLeft" : "rotateRight";
    if (size == 8) {
      code.iload(COUNT);
      code.invokestatic(Names.LONG_CLASS, name, Names.LONG_INT_TO_LONG);
    } else if (size == 4) {
      code.l2i().iload(COUNT);
      code.invokestatic(Names.INTEGER_CLASS, name, Names.INT_INT_TO_INT);
      code.i2l();
      emitter.zeroExtend(4);
    } else {
      // In 32 bits that repeat the operand a rotate of 16 or 8 is a rotate of 32.
      emitter.zeroExtend(size);
      for (int bits = 8 * size; bits < 32; bits *= 2) {
        code.dup2().loadConstant(bits).lshl().lor();
      }
      code.l2i().iload(COUNT);
      code.invokestatic(Names.INTEGER_CLASS, name, Names.INT_INT_TO_INT);
      code.i2l();
      emitter.zeroExtend(size);
    }
  }

  /**
   * Lays CF and OF of the rotated value in TEMP_A over the flags. ROL: CF is bit 0, OF is CF xor
   * the top bit. ROR: CF is the top bit, OF the xor of the two top bits.
   */
  private void overlay(int size, boolean left) {
    int top = 8 * size - 1;
    bit(left ? 0 : top);
    bit(top);
    bit(left ? 0 : top - 1);
    code.ixor().iconst_1().ishl().ior();
    emitter.flags.overlayCarryAndOverflow();
  }

  /** Pushes a bit of TEMP_A as an int. */
  private void bit(int number) {
    code.lload(Locals.TEMP_A).loadConstant(number).lushr().l2i().iconst_1().iand();
  }

  /** RCL and RCR by one place. */
  private void rotateThroughCarry(Insn insn, int at) {
    int size = insn.operandSize;
    int top = 8 * size - 1;
    boolean left = insn.operation == Operation.RCL;
    emitter.pushCarry();
    code.i2l().lstore(Locals.TEMP_B);
    emitter.readForUpdate(insn, at);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_C);
    code.lload(Locals.TEMP_C).iconst_1();
    if (left) {
      code.lshl().lload(Locals.TEMP_B).lor();
    } else {
      code.lushr().lload(Locals.TEMP_B).loadConstant(top).lshl().lor();
    }
    code.lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    if (!emitter.isLive(Flags.CF | Flags.OF)) {
      return;
    }
    // CF is the bit that left. OF: for RCL CF xor the top bit, for RCR the xor of the two top bits.
    code.lload(Locals.TEMP_C).loadConstant(left ? top : 0).lushr().l2i().iconst_1().iand();
    bit(top);
    if (left) {
      code.lload(Locals.TEMP_C).loadConstant(top).lushr().l2i().iconst_1().iand();
    } else {
      bit(top - 1);
    }
    code.ixor().iconst_1().ishl().ior();
    emitter.flags.overlayCarryAndOverflow();
  }
}
