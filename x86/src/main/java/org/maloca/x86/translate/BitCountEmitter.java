package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Bytecode for BSF, BSR, TZCNT, LZCNT, POPCNT and CRC32; undefined flags are as on AMD. */
final class BitCountEmitter implements InsnEmitter {
  private final Emitter emitter;
  private final MethodCode code;

  BitCountEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case BSF, BSR, TZCNT, LZCNT, POPCNT, CRC32 -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case BSF, BSR -> scan(insn, at);
      case TZCNT, LZCNT -> countZeros(insn, at);
      case POPCNT -> countOnes(insn, at);
      default -> addToCrc(insn, at);
    }
  }

  private void readZeroExtended(Insn insn, int size, int at) {
    emitter.read(insn, 1, size, at);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_A);
  }

  /** Zero has no index: then the destination stays whole. */
  private void scan(Insn insn, int at) {
    Label none = code.newLabel();
    Label done = code.newLabel();
    readZeroExtended(insn, insn.operandSize, at);
    code.lload(Locals.TEMP_A).lconst_0().lcmp().ifeq(none);
    if (insn.operation == Operation.BSR) {
      code.loadConstant(63);
    }
    code.lload(Locals.TEMP_A);
    String count =
        insn.operation == Operation.BSF ? "numberOfTrailingZeros" : "numberOfLeadingZeros";
    code.invokestatic(Names.LONG_CLASS, count, Names.LONG_TO_INT);
    if (insn.operation == Operation.BSR) {
      code.isub();
    }
    code.i2l().lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_B);
    emitter.writeGuest(insn.register0, insn.operandSize);
    boolean flags = emitter.isLive(Flags.ARITHMETIC);
    if (!flags) {
      code.labelBinding(none);
      return;
    }
    if (emitter.isLive(Flags.PF)) {
      code.lload(Locals.TEMP_B);
      code.invokestatic(Names.FLAGS, "parity", Names.LONG_TO_INT).i2l();
    } else {
      code.lconst_0();
    }
    code.goto_(done).labelBinding(none);
    code.loadConstant((long) (Flags.ZF | Flags.PF));
    code.labelBinding(done);
    emitter.setKnownFlags();
  }

  /** The flags but OF are set: ZF for a count of 0, CF for a source of 0. */
  private void countZeros(Insn insn, int at) {
    int size = insn.operandSize;
    int bits = 8 * size;
    readZeroExtended(insn, size, at);
    code.lload(Locals.TEMP_A);
    if (insn.operation == Operation.TZCNT) {
      if (size != 8) {
        // A bit beyond the operand ends the count there.
        code.loadConstant(1L << bits).lor();
      }
      code.invokestatic(Names.LONG_CLASS, "numberOfTrailingZeros", Names.LONG_TO_INT);
    } else {
      code.invokestatic(Names.LONG_CLASS, "numberOfLeadingZeros", Names.LONG_TO_INT);
      code.loadConstant(64 - bits).isub();
    }
    code.istore(Locals.FAULT);
    code.iload(Locals.FAULT).i2l();
    emitter.writeGuest(insn.register0, size);
    if (!emitter.isLive(Flags.ARITHMETIC)) {
      return;
    }
    if (emitter.isLive(Flags.OF)) {
      emitter.flags.pushOverflow();
      code.loadConstant(11).ishl();
    } else {
      code.iconst_0();
    }
    // 0 - 1 has its sign bit set, and so has bits - 1 - count only for a count of bits.
    code.iload(Locals.FAULT).iconst_1().isub().loadConstant(31).iushr();
    code.loadConstant(6).ishl().ior();
    code.loadConstant(bits - 1).iload(Locals.FAULT).isub().loadConstant(31).iushr().ior();
    code.i2l();
    emitter.setKnownFlags();
  }

  /** All flags but ZF are cleared. */
  private void countOnes(Insn insn, int at) {
    readZeroExtended(insn, insn.operandSize, at);
    code.lload(Locals.TEMP_A);
    code.invokestatic(Names.LONG_CLASS, "bitCount", Names.LONG_TO_INT).i2l();
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, insn.operandSize);
    if (emitter.isLive(Flags.ARITHMETIC)) {
      code.lload(Locals.TEMP_A).lconst_1().lsub().loadConstant(63).lushr();
      code.loadConstant(6).lshl();
      emitter.setKnownFlags();
    }
  }

  private void addToCrc(Insn insn, int at) {
    emitter.read(insn, 1, insn.sourceSize, at);
    code.lstore(Locals.TEMP_A);
    emitter.readGuest(insn.register0);
    code.l2i().lload(Locals.TEMP_A);
    if (insn.sourceSize == 8) {
      code.invokestatic(Names.CRC32C, "update8", Names.INT_LONG_TO_INT);
    } else {
      code.l2i();
      code.invokestatic(Names.CRC32C, "update" + insn.sourceSize, Names.INT_INT_TO_INT);
    }
    code.i2l();
    emitter.writeGuest(insn.register0, 4);
  }
}
