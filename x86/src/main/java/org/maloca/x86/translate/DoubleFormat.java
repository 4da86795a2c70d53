package org.maloca.x86.translate;

import org.maloca.x86.ir.Operation;

/** Binary64. */
final class DoubleFormat extends ScalarFormat {
  private static final int COMMON_EXPONENT = 400;
  private static final int BIAS = 1023;

  /** Position of the exponent in the upper 32 bits. */
  private static final int EXPONENT_SHIFT = 20;

  DoubleFormat(Emitter emitter, VectorOperands operands) {
    super(emitter, operands, "D", SimdNames.DOUBLE_ARITHMETIC, SimdNames.EXACT_DOUBLE);
  }

  @Override
  void loadSource() {
    operands.loadLowSource(8);
  }

  @Override
  void push(int half) {
    operands.pushDouble(half);
  }

  @Override
  void write(int register) {
    emitter.xmm.writeDouble(register);
  }

  @Override
  void store(int local) {
    code.dstore(local);
  }

  @Override
  void load(int local) {
    code.dload(local);
  }

  @Override
  void apply(Operation operation) {
    switch (operation) {
      case ADDSD -> code.dadd();
      case SUBSD -> code.dsub();
      case MULSD -> code.dmul();
      default -> code.ddiv();
    }
  }

  @Override
  void compareWithZero() {
    code.dconst_0().dcmpg();
  }

  @Override
  void widen() {}

  @Override
  int slot(int register) {
    return FloatRanges.ofDouble(register);
  }

  @Override
  int precision() {
    return 53;
  }

  @Override
  int leastExponent() {
    return Double.MIN_EXPONENT;
  }

  @Override
  int greatestExponent() {
    return Double.MAX_EXPONENT;
  }

  @Override
  int commonExponent() {
    return COMMON_EXPONENT;
  }

  @Override
  void pushDistanceFromCommon() {
    // The magnitude's bits, not the number's: those would be kept for the region's exits.
    code.invokestatic(Names.MATH, "abs", SimdNames.DOUBLE_TO_DOUBLE);
    emitter.xmm.toLong();
    code.loadConstant(32).lushr().l2i();
    code.loadConstant(BIAS - COMMON_EXPONENT << EXPONENT_SHIFT).isub();
  }

  @Override
  int commonSpan() {
    return 2 * COMMON_EXPONENT << EXPONENT_SHIFT;
  }
}
