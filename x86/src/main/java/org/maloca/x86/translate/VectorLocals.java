package org.maloca.x86.translate;

import org.maloca.x86.bytecode.MethodCode;

/**
 * Bytecode that reads and writes XMM registers in a region's locals: halves as longs, or low parts
 * as floating-point numbers, whatever the form that {@link LowHalves} chose.
 */
final class VectorLocals {
  private static final long LOW_QUARTER = 0xffff_ffffL;

  private final MethodCode code;
  private final LowHalves forms;

  /** What is known of the registers at this point. */
  final FloatRanges ranges = new FloatRanges();

  /** Registers stay in the CPU's array. */
  private final boolean inMemory;

  VectorLocals(MethodCode code, LowHalves forms, boolean inMemory) {
    this.code = code;
    this.forms = forms;
    this.inMemory = inMemory;
  }

  private void loadLong(int slot, int local) {
    if (inMemory) {
      code.aload(Locals.VECTORS).loadConstant(slot).laload();
    } else {
      code.lload(local);
    }
  }

  private void storeLong(int slot, int local) {
    if (inMemory) {
      code.lstore(Locals.SPILL);
      code.aload(Locals.VECTORS).loadConstant(slot).lload(Locals.SPILL).lastore();
    } else {
      code.lstore(local);
    }
  }

  /** Pushes the low half. */
  void readLow(int register) {
    if (forms.isDouble(register)) {
      code.dload(Locals.xmmLow(register));
      toLong();
    } else if (forms.isSingle(register)) {
      code.fload(Locals.xmmLow(register));
      quarterToLong();
      code.lload(Locals.xmmSecond(register)).lor();
    } else {
      loadLong(2 * register, Locals.xmmLow(register));
    }
  }

  /** Pops the low half. */
  void writeLow(int register) {
    ranges.forget(register);
    if (forms.isDouble(register)) {
      toDouble();
      code.dstore(Locals.xmmLow(register));
    } else if (forms.isSingle(register)) {
      code.dup2().loadConstant(~LOW_QUARTER).land().lstore(Locals.xmmSecond(register));
      toFloat();
      code.fstore(Locals.xmmLow(register));
    } else {
      storeLong(2 * register, Locals.xmmLow(register));
    }
  }

  /** Pushes the high half. */
  void readHigh(int register) {
    loadLong(2 * register + 1, Locals.xmmHigh(register));
  }

  /** Pops the high half. */
  void writeHigh(int register) {
    storeLong(2 * register + 1, Locals.xmmHigh(register));
  }

  /** Pushes the low half as a double. */
  void readDouble(int register) {
    if (forms.isDouble(register)) {
      code.dload(Locals.xmmLow(register));
    } else {
      readLow(register);
      toDouble();
    }
  }

  /** Pops a double into the low half; the high half stays. */
  void writeDouble(int register) {
    ranges.forget(register);
    if (forms.isDouble(register)) {
      code.dstore(Locals.xmmLow(register));
    } else {
      toLong();
      writeLow(register);
    }
  }

  /** Pushes the lowest quarter as a float. */
  void readFloat(int register) {
    if (forms.isSingle(register)) {
      code.fload(Locals.xmmLow(register));
    } else {
      readLow(register);
      toFloat();
    }
  }

  /** Pops a float into the lowest quarter; the others stay. */
  void writeFloat(int register) {
    ranges.forget(register);
    if (forms.isSingle(register)) {
      code.fstore(Locals.xmmLow(register));
      return;
    }
    quarterToLong();
    readLow(register);
    code.loadConstant(~LOW_QUARTER).land().lor();
    writeLow(register);
  }

  /** Pops a float as the low half, with zeros above it. */
  void writeFloatAlone(int register) {
    ranges.forget(register);
    if (forms.isSingle(register)) {
      code.fstore(Locals.xmmLow(register));
      code.lconst_0().lstore(Locals.xmmSecond(register));
    } else {
      quarterToLong();
      writeLow(register);
    }
  }

  /** Makes the low half zero. */
  void clearLow(int register) {
    clear(register);
    ranges.set(FloatRanges.ofDouble(register), 0, 0);
    ranges.set(FloatRanges.ofSingle(register), 0, 0);
  }

  private void clear(int register) {
    if (forms.isDouble(register)) {
      code.dconst_0().dstore(Locals.xmmLow(register));
    } else if (forms.isSingle(register)) {
      code.fconst_0();
      writeFloatAlone(register);
    } else {
      code.lconst_0();
      storeLong(2 * register, Locals.xmmLow(register));
    }
  }

  /** Copies a low half to another. */
  void copyLow(int to, int from) {
    FloatRanges known = ranges.copy();
    copy(to, from);
    ranges.resume(known);
    ranges.copy(to, from);
  }

  private void copy(int to, int from) {
    if (forms.isDouble(to) || forms.isDouble(from)) {
      readDouble(from);
      writeDouble(to);
    } else if (forms.isSingle(to) && forms.isSingle(from)) {
      code.fload(Locals.xmmLow(from)).fstore(Locals.xmmLow(to));
      code.lload(Locals.xmmSecond(from)).lstore(Locals.xmmSecond(to));
    } else {
      readLow(from);
      writeLow(to);
    }
  }

  /** Turns bits on the stack into a double. */
  void toDouble() {
    code.invokestatic(Names.DOUBLE_CLASS, "longBitsToDouble", Names.LONG_TO_DOUBLE);
  }

  /** Turns a double on the stack into bits. */
  void toLong() {
    code.invokestatic(Names.DOUBLE_CLASS, "doubleToRawLongBits", Names.DOUBLE_TO_LONG);
  }

  /** Turns bits on the stack, a long, into a float. */
  void toFloat() {
    code.l2i().invokestatic(Names.FLOAT_CLASS, "intBitsToFloat", Names.INT_TO_FLOAT);
  }

  private void quarterToLong() {
    code.invokestatic(Names.FLOAT_CLASS, "floatToRawIntBits", Names.FLOAT_TO_INT);
    code.i2l().loadConstant(LOW_QUARTER).land();
  }
}
