package org.maloca.x86.translate;

import org.maloca.x86.ir.Operation;

/** Binary32. */
final class SingleFormat extends ScalarFormat {
  private static final int COMMON_EXPONENT = 60;
  private static final int BIAS = 127;
  private static final int EXPONENT_SHIFT = 23;

  SingleFormat(Emitter emitter, VectorOperands operands) {
    super(emitter, operands, "F", SimdNames.SINGLE_ARITHMETIC, SimdNames.EXACT_SINGLE);
  }

  @Override
  void loadSource() {
    operands.loadLowSource(4);
  }

  @Override
  void push(int half) {
    operands.pushFloat(half);
  }

  @Override
  void write(int register) {
    emitter.xmm.writeFloat(register);
  }

  @Override
  void store(int local) {
    code.fstore(local);
  }

  @Override
  void load(int local) {
    code.fload(local);
  }

  @Override
  void apply(Operation operation) {
    switch (operation) {
      case ADDSS -> code.fadd();
      case SUBSS -> code.fsub();
      case MULSS -> code.fmul();
      default -> code.fdiv();
    }
  }

  @Override
  void compareWithZero() {
    code.fconst_0().fcmpg();
  }

  @Override
  void widen() {
    code.f2d();
  }

  @Override
  int slot(int register) {
    return FloatRanges.ofSingle(register);
  }

  @Override
  int precision() {
    return 24;
  }

  @Override
  int leastExponent() {
    return Float.MIN_EXPONENT;
  }

  @Override
  int greatestExponent() {
    return Float.MAX_EXPONENT;
  }

  @Override
  int commonExponent() {
    return COMMON_EXPONENT;
  }

  @Override
  void pushDistanceFromCommon() {
    // The magnitude's bits, not the number's: those would be kept for the region's exits.
    code.invokestatic(Names.MATH, "abs", SimdNames.SINGLE_TO_SINGLE);
    code.invokestatic(Names.FLOAT_CLASS, "floatToRawIntBits", Names.FLOAT_TO_INT);
    code.loadConstant(BIAS - COMMON_EXPONENT << EXPONENT_SHIFT).isub();
  }

  @Override
  int commonSpan() {
    return 2 * COMMON_EXPONENT << EXPONENT_SHIFT;
  }
}
