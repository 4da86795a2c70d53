package org.maloca.x86.translate;

import java.lang.constant.MethodTypeDesc;
import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Bytecode for MUL, IMUL, MULX, DIV, IDIV, ADCX and ADOX. */
final class MultiplyDivideEmitter implements InsnEmitter {
  private static final int RAX = 0;
  private static final int RDX = 2;

  private final Emitter emitter;
  private final MethodCode code;

  MultiplyDivideEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case MUL, IMUL_WIDE, IMUL, MULX, DIV, IDIV, ADCX, ADOX -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case MUL, IMUL_WIDE -> multiplyWide(insn, at);
      case IMUL -> multiply(insn, at);
      case MULX -> multiplyWithoutFlags(insn, at);
      case DIV, IDIV -> divide(insn, at);
      default -> addWithFlag(insn, at);
    }
  }

  private void multiplyWide(Insn insn, int at) {
    int size = insn.operandSize;
    boolean signed = insn.operation == Operation.IMUL_WIDE;
    emitter.read(insn, 0, size, at);
    extend(signed, size);
    code.lstore(Locals.TEMP_B);
    emitter.readGuest(RAX);
    extend(signed, size);
    code.lstore(Locals.TEMP_A);
    if (size == 8) {
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
      String high = signed ? "multiplyHigh" : "unsignedMultiplyHigh";
      code.invokestatic(Names.MATH, high, Names.LONG_LONG_TO_LONG);
      emitter.storeGuest(RDX);
      product();
      code.lload(Locals.TEMP_A);
      emitter.storeGuest(RAX);
    } else {
      product();
      code.lload(Locals.TEMP_A);
      emitter.writeGuest(RAX, size == 1 ? 2 : size);
      if (size != 1) {
        code.lload(Locals.TEMP_A).loadConstant(8 * size).lushr();
        emitter.writeGuest(RDX, size);
      }
    }
    if (emitter.isLive(Flags.CF | Flags.OF)) {
      if (size == 8) {
        emitter.readGuest(RDX);
      }
      overflow(signed, size);
    }
  }

  private void extend(boolean signed, int size) {
    if (signed) {
      emitter.signExtend(size);
    } else {
      emitter.zeroExtend(size);
    }
  }

  /** TEMP_A = TEMP_A * TEMP_B. */
  private void product() {
    code.lload(Locals.TEMP_A).lload(Locals.TEMP_B).lmul().lstore(Locals.TEMP_A);
  }

  /**
   * Makes CF and OF tell whether the product in TEMP_A needs more than {@code size} bytes; of 8
   * bytes the high half is on the stack.
   */
  private void overflow(boolean signed, int size) {
    if (size == 8) {
      if (signed) {
        code.lload(Locals.TEMP_A).loadConstant(63).lshr();
      } else {
        code.lconst_0();
      }
    } else if (signed) {
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_A);
      emitter.signExtend(size);
    } else {
      code.lload(Locals.TEMP_A).loadConstant(8 * size).lushr().lconst_0();
    }
    // Different is 1 or -1, which both are 3 for the two flags.
    code.lcmp().dup().imul().iconst_3().imul();
    emitter.flags.overlayCarryAndOverflow();
  }

  private void multiply(Insn insn, int at) {
    int size = insn.operandSize;
    boolean three = insn.kind2 != OperandKind.NONE;
    emitter.read(insn, 1, size, at);
    emitter.signExtend(size);
    code.lstore(Locals.TEMP_A);
    if (three) {
      code.loadConstant(insn.immediate);
    } else {
      emitter.readGuest(insn.register0);
    }
    emitter.signExtend(size);
    code.lstore(Locals.TEMP_B);
    boolean flags = emitter.isLive(Flags.CF | Flags.OF);
    if (size == 8 && flags) {
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
      code.invokestatic(Names.MATH, "multiplyHigh", Names.LONG_LONG_TO_LONG);
      code.lstore(Locals.TEMP_C);
    }
    product();
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, size);
    if (flags) {
      if (size == 8) {
        code.lload(Locals.TEMP_C);
      }
      overflow(true, size);
    }
  }

  private void multiplyWithoutFlags(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.read(insn, 2, size, at);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_B);
    emitter.readGuest(RDX);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A).lload(Locals.TEMP_B).lmul().lstore(Locals.TEMP_C);
    code.lload(Locals.TEMP_C);
    emitter.writeGuest(insn.register1, size);
    // The high half comes last: it is what remains when both destinations are one register.
    if (size == 8) {
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
      code.invokestatic(Names.MATH, "unsignedMultiplyHigh", Names.LONG_LONG_TO_LONG);
    } else {
      code.lload(Locals.TEMP_C).loadConstant(32).lushr();
    }
    emitter.writeGuest(insn.register0, size);
  }

  private void divide(Insn insn, int at) {
    int size = insn.operandSize;
    boolean signed = insn.operation == Operation.IDIV;
    emitter.read(insn, 0, size, at);
    extend(signed, size);
    code.lstore(Locals.TEMP_B);
    emitter.mark(at);
    if (size == 8) {
      emitter.readGuest(RAX);
      code.lstore(Locals.TEMP_C);
    } else {
      dividend(signed, size);
    }
    if (emitter.leavesOnMiss) {
      dividePlain(signed, size);
      code.lstore(Locals.TEMP_A);
      remainderOfPlain(signed);
    } else {
      divideAny(signed, size);
      code.lstore(Locals.TEMP_A);
      code.lload(Locals.TEMP_C).lload(Locals.TEMP_A).lload(Locals.TEMP_B).lmul().lsub();
    }
    if (size == 1) {
      code.loadConstant(8).lshl().lload(Locals.TEMP_A).loadConstant(0xffL).land().lor();
      emitter.writeGuest(RAX, 2);
    } else {
      emitter.writeGuest(RDX, size);
      code.lload(Locals.TEMP_A);
      emitter.writeGuest(RAX, size);
    }
    flagsAfterDivision();
  }

  /** Pushes the quotient, of all that there are. */
  private void divideAny(boolean signed, int size) {
    code.aload(Locals.CPU);
    if (size == 8) {
      emitter.readGuest(RDX);
      code.lload(Locals.TEMP_C).lload(Locals.TEMP_B);
      String name = signed ? "signed128" : "unsigned128";
      code.invokestatic(Names.DIVISION, name, Names.DIVIDE_WIDE);
    } else {
      code.lload(Locals.TEMP_C).lload(Locals.TEMP_B).loadConstant(size);
      String name = signed ? "signed" : "unsigned";
      code.invokestatic(Names.DIVISION, name, Names.DIVIDE);
    }
  }

  /** Pushes the quotient where the host divides alike, and leaves the region elsewhere. */
  private void dividePlain(boolean signed, int size) {
    if (size == 8) {
      emitter.readGuest(RDX);
      if (signed) {
        code.lload(Locals.TEMP_C).lload(Locals.TEMP_B);
        requirePlain("isPlainSigned128", Names.LONG_LONG_LONG_TO_BOOLEAN);
      } else {
        code.lload(Locals.TEMP_B);
        requirePlain("isPlainUnsigned128", Names.LONG_LONG_TO_BOOLEAN);
      }
    } else {
      code.lload(Locals.TEMP_C).lload(Locals.TEMP_B);
      if (signed) {
        requirePlain("isPlainSigned", Names.LONG_LONG_TO_BOOLEAN);
      } else {
        code.loadConstant(size);
        requirePlain("isPlainUnsigned", Names.LONG_LONG_INT_TO_BOOLEAN);
      }
    }
    code.lload(Locals.TEMP_C).lload(Locals.TEMP_B);
    if (!signed) {
      code.invokestatic(Names.LONG_CLASS, "divideUnsigned", Names.LONG_LONG_TO_LONG);
      return;
    }
    code.ldiv();
    if (size < 8) {
      code.dup2().loadConstant(size);
      requirePlain("fitsSigned", Names.LONG_INT_TO_BOOLEAN);
    }
  }

  /** HotSpot makes one division of it and the quotient. */
  private void remainderOfPlain(boolean signed) {
    code.lload(Locals.TEMP_C).lload(Locals.TEMP_B);
    if (signed) {
      code.lrem();
    } else {
      code.invokestatic(Names.LONG_CLASS, "remainderUnsigned", Names.LONG_LONG_TO_LONG);
    }
  }

  private void requirePlain(String question, MethodTypeDesc type) {
    code.invokestatic(Names.DIVISION, question, type);
    emitter.leaveUnless();
  }

  /** Leaves the dividend of twice the size in TEMP_C. */
  private void dividend(boolean signed, int size) {
    if (size == 1) {
      emitter.readGuest(RAX);
    } else {
      emitter.readGuest(RDX);
      code.loadConstant(8 * size).lshl();
      emitter.readGuest(RAX);
      emitter.zeroExtend(size);
      code.lor();
    }
    extend(signed, 2 * size);
    code.lstore(Locals.TEMP_C);
  }

  /** All are undefined; AMD's silicon keeps CF and OF, sets AF and clears the rest. */
  private void flagsAfterDivision() {
    if (!emitter.isLive(Flags.ARITHMETIC)) {
      return;
    }
    if (emitter.isLive(Flags.CF | Flags.OF)) {
      emitter.pushCarry();
      emitter.flags.pushOverflow();
      code.loadConstant(11).ishl().ior();
      code.loadConstant(Flags.AF).ior().i2l();
    } else {
      code.loadConstant((long) Flags.AF);
    }
    emitter.setKnownFlags();
  }

  /** ADCX and ADOX: one flag is the carry in and out. */
  private void addWithFlag(Insn insn, int at) {
    int size = insn.operandSize;
    boolean carry = insn.operation == Operation.ADCX;
    emitter.read(insn, 1, size, at);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_B);
    if (carry) {
      emitter.pushCarry();
    } else {
      emitter.flags.pushOverflow();
    }
    code.istore(Locals.FAULT);
    emitter.readGuest(insn.register0);
    emitter.zeroExtend(size);
    code.lload(Locals.TEMP_B).ladd().iload(Locals.FAULT).i2l().ladd().lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, size);
    if (!emitter.isLive(carry ? Flags.CF : Flags.OF)) {
      return;
    }
    if (size == 8) {
      // Carry out: the sum is below the addend, or equal when there was a carry in.
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
      emitter.compareUnsigned();
      code.iload(Locals.FAULT).isub().loadConstant(31).iushr();
    } else {
      code.lload(Locals.TEMP_A).loadConstant(32).lushr().l2i();
    }
    if (carry) {
      emitter.flags.overlayCarry();
    } else {
      emitter.flags.overlayOverflow();
    }
  }
}
