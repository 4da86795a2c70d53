package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Bytecode for the bit manipulation of BMI1 and BMI2, undefined flags as on AMD's silicon. */
final class BitFieldEmitter implements InsnEmitter {
  private final Emitter emitter;
  private final MethodCode code;

  BitFieldEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case ANDN, BEXTR, BLSI, BLSR, BLSMSK, BZHI, PDEP, PEXT -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case ANDN -> andNot(insn, at);
      case BLSI, BLSR, BLSMSK -> lowest(insn, at);
      case BEXTR -> extract(insn, at);
      case BZHI -> zeroHigh(insn, at);
      case PDEP -> scatter(insn, at, "expand");
      default -> scatter(insn, at, "compress");
    }
  }

  private void andNot(Insn insn, int at) {
    emitter.read(insn, 2, insn.operandSize, at);
    emitter.readSimple(insn, 1);
    code.loadConstant(-1L).lxor().land().lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, insn.operandSize);
    int kind = Flags.LOGIC | Emitter.log2(insn.operandSize);
    emitter.setFlags(kind, Locals.TEMP_A, Locals.TEMP_A);
  }

  /** CF tells whether the source is zero, for BLSI that it is not. */
  private void lowest(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.read(insn, 1, size, at);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_B).lload(Locals.TEMP_B);
    switch (insn.operation) {
      case BLSI -> code.lneg().land();
      case BLSR -> code.lconst_1().lsub().land();
      default -> code.lconst_1().lsub().lxor();
    }
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, size);
    if (!emitter.isLive(Flags.ARITHMETIC)) {
      return;
    }
    code.lload(Locals.TEMP_B).lconst_0().lcmp().iconst_1().iand();
    if (insn.operation != Operation.BLSI) {
      code.iconst_1().ixor();
    }
    code.i2l();
    result(size);
  }

  /** Sets the flags of the result in TEMP_A, with the carries on the stack. */
  private void result(int size) {
    code.lstore(Locals.TEMP_B);
    int kind = Flags.RESULT_AND_CARRIES | Emitter.log2(size);
    emitter.setFlags(kind, Locals.TEMP_A, Locals.TEMP_B);
  }

  /** Reads operands 1, zero-extended, and 2 into TEMP_A and TEMP_B. */
  private void readBoth(Insn insn, int at) {
    emitter.read(insn, 1, insn.operandSize, at);
    emitter.zeroExtend(insn.operandSize);
    code.lstore(Locals.TEMP_A);
    emitter.read(insn, 2, insn.operandSize, at);
    code.lstore(Locals.TEMP_B);
  }

  private void extract(Insn insn, int at) {
    readBoth(insn, at);
    code.lload(Locals.TEMP_A).lload(Locals.TEMP_B).l2i();
    code.invokestatic(Names.BIT_FIELD, "extract", Names.LONG_INT_TO_LONG);
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, insn.operandSize);
    if (emitter.isLive(Flags.ARITHMETIC)) {
      code.lload(Locals.TEMP_A);
      code.invokestatic(Names.BIT_FIELD, "flagsOfExtract", Names.LONG_TO_INT).i2l();
      emitter.setKnownFlags();
    }
  }

  /** CF tells that the count reaches beyond the operand. */
  private void zeroHigh(Insn insn, int at) {
    int size = insn.operandSize;
    readBoth(insn, at);
    code.lload(Locals.TEMP_A).lload(Locals.TEMP_B).l2i().loadConstant(0xff).iand();
    code.invokestatic(Names.BIT_FIELD, "lowBits", Names.LONG_INT_TO_LONG);
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, size);
    if (emitter.isLive(Flags.ARITHMETIC)) {
      // Negative for a count of at least the operand's bits.
      code.loadConstant(8 * size - 1).lload(Locals.TEMP_B).l2i().loadConstant(0xff).iand();
      code.isub().loadConstant(31).iushr().i2l();
      result(size);
    }
  }

  private void scatter(Insn insn, int at, String name) {
    int size = insn.operandSize;
    readBoth(insn, at);
    code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
    emitter.zeroExtend(size);
    code.invokestatic(Names.LONG_CLASS, name, Names.LONG_LONG_TO_LONG);
    emitter.writeGuest(insn.register0, size);
  }
}
