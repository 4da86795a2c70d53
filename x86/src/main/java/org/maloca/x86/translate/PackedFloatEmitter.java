package org.maloca.x86.translate;

import static org.maloca.x86.translate.VectorOperands.A_HIGH;
import static org.maloca.x86.translate.VectorOperands.A_LOW;
import static org.maloca.x86.translate.VectorOperands.B_HIGH;
import static org.maloca.x86.translate.VectorOperands.B_LOW;

import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.simd.ExactPacked;

/**
 * Bytecode for packed floating-point arithmetic: first as the host does it, then a check whether
 * that is what MXCSR wants, and if not once more, exactly.
 */
final class PackedFloatEmitter implements InsnEmitter {
  /** The halves of a result of doubles. */
  private static final int LOW_RESULT = Locals.FREE;

  private static final int HIGH_RESULT = Locals.FREE + 2;

  private static final String EXACT = "(JJJJILorg/maloca/x86/Cpu;)V";

  private final Emitter emitter;
  private final MethodCode code;
  private final VectorOperands operands;

  PackedFloatEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && switch (insn.operation) {
          case ADDPS, SUBPS, MULPS, DIVPS, MINPS, MAXPS, SQRTPS, CMPPS -> true;
          case ADDPD, SUBPD, MULPD, DIVPD, MINPD, MAXPD, SQRTPD, CMPPD -> true;
          case CVTDQ2PS, CVTTPS2DQ, CVTPS2DQ, CVTDQ2PD, CVTPS2PD -> true;
          case CVTPD2PS, CVTTPD2DQ, CVTPD2DQ -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    emitter.mark(at);
    switch (insn.operation) {
      case ADDPS -> singles("add", "areSafeSums", ExactPacked.ADD);
      case SUBPS -> singles("subtract", "areSafeSums", ExactPacked.SUBTRACT);
      case MULPS -> singles("multiply", "areSafeProducts", ExactPacked.MULTIPLY);
      case DIVPS -> singles("divide", "areSafeQuotients", ExactPacked.DIVIDE);
      case MINPS -> chosenSingles("min", ExactPacked.MIN);
      case MAXPS -> chosenSingles("max", ExactPacked.MAX);
      case CMPPS -> comparedSingles((int) insn.immediate & 7);
      case SQRTPS -> singleRoots();
      case ADDPD -> doubles(insn, "areSafeSums", ExactPacked.ADD);
      case SUBPD -> doubles(insn, "areSafeSums", ExactPacked.SUBTRACT);
      case MULPD -> doubles(insn, "areSafeProducts", ExactPacked.MULTIPLY);
      case DIVPD -> doubles(insn, "areSafeQuotients", ExactPacked.DIVIDE);
      case MINPD -> chosenDoubles("min", ExactPacked.MIN);
      case MAXPD -> chosenDoubles("max", ExactPacked.MAX);
      case CMPPD -> comparedDoubles((int) insn.immediate & 7);
      case SQRTPD -> doubleRoots(insn);
      case CVTDQ2PS -> integersToSingles();
      case CVTTPS2DQ -> singlesToIntegers("toInts", ExactPacked.TO_INT);
      case CVTPS2DQ -> singlesToIntegers("toNearestInts", ExactPacked.TO_NEAREST_INT);
      case CVTDQ2PD -> integersToDoubles();
      case CVTPS2PD -> singlesToDoubles();
      case CVTPD2PS -> doublesToSingles();
      case CVTTPD2DQ -> doublesToIntegers(true);
      default -> doublesToIntegers(false);
    }
  }

  private void pushHalves(int... halves) {
    for (int half : halves) {
      operands.push(half);
    }
  }

  private void pushDoubles(int... halves) {
    for (int half : halves) {
      operands.pushDouble(half);
    }
  }

  private void pushKept() {
    code.lload(Locals.TEMP_E).lload(Locals.TEMP_F);
  }

  /** Unless the int on the stack is true, has the instruction done again. */
  private void unlessSafe(Runnable exactly) {
    emitter.exactness.unlessSafe(() -> {
      exactly.run();
      operands.pushScratch(0);
      operands.keepLow();
      operands.pushScratch(1);
      operands.keepHigh();
    });
  }

  private void exactly(String name, int operation) {
    pushHalves(A_LOW, A_HIGH, B_LOW, B_HIGH);
    code.loadConstant(operation).aload(Locals.CPU);
    operands.call(SimdNames.EXACT_PACKED, name, EXACT);
  }

  // Singles.

  private void pairs(String name) {
    pushHalves(A_LOW, B_LOW);
    operands.call(SimdNames.PACKED_SINGLE, name, "(JJ)J");
    operands.keepLow();
    pushHalves(A_HIGH, B_HIGH);
    operands.call(SimdNames.PACKED_SINGLE, name, "(JJ)J");
    operands.keepHigh();
  }

  private void pairsOfOne(String name) {
    operands.push(B_LOW);
    operands.call(SimdNames.PACKED_SINGLE, name, "(J)J");
    operands.keepLow();
    operands.push(B_HIGH);
    operands.call(SimdNames.PACKED_SINGLE, name, "(J)J");
    operands.keepHigh();
  }

  private void singles(String name, String check, int operation) {
    operands.loadSource(true);
    pairs(name);
    pushKept();
    pushHalves(A_LOW, A_HIGH, B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_SINGLE, check, "(JJJJJJLorg/maloca/x86/Cpu;)Z");
    unlessSafe(() -> exactly("singles", operation));
    operands.writeKept();
  }

  private void chosenSingles(String name, int operation) {
    operands.loadSource(true);
    pairs(name);
    pushHalves(A_LOW, A_HIGH, B_LOW, B_HIGH);
    operands.call(SimdNames.PACKED_SINGLE, "compareQuietly", "(JJJJ)Z");
    unlessSafe(() -> exactly("singles", operation));
    operands.writeKept();
  }

  private void comparedSingles(int predicate) {
    operands.loadSource(true);
    pushHalves(A_LOW, B_LOW);
    code.loadConstant(predicate);
    operands.call(SimdNames.PACKED_SINGLE, "compare", "(JJI)J");
    operands.keepLow();
    pushHalves(A_HIGH, B_HIGH);
    code.loadConstant(predicate);
    operands.call(SimdNames.PACKED_SINGLE, "compare", "(JJI)J");
    operands.keepHigh();
    pushHalves(A_LOW, A_HIGH, B_LOW, B_HIGH);
    operands.call(SimdNames.PACKED_SINGLE, "compareQuietly", "(JJJJ)Z");
    unlessSafe(() -> exactly("singles", ExactPacked.COMPARE + predicate));
    operands.writeKept();
  }

  private void singleRoots() {
    operands.loadSource(true);
    pairsOfOne("squareRoot");
    pushKept();
    pushHalves(B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_SINGLE, "areSafeRoots", "(JJJJLorg/maloca/x86/Cpu;)Z");
    unlessSafe(() -> exactly("singles", ExactPacked.SQUARE_ROOT));
    operands.writeKept();
  }

  // Doubles.

  private void doubles(Insn insn, String check, int operation) {
    operands.loadSource(true);
    pushDoubles(A_LOW, B_LOW);
    arithmetic(operation);
    code.dstore(LOW_RESULT);
    pushDoubles(A_HIGH, B_HIGH);
    arithmetic(operation);
    code.dstore(HIGH_RESULT);
    code.dload(LOW_RESULT).dload(HIGH_RESULT);
    pushDoubles(A_LOW, A_HIGH, B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_DOUBLE, check, "(DDDDDDLorg/maloca/x86/Cpu;)Z");
    completeDoubles(insn, () -> exactly("doubles", operation));
  }

  private void arithmetic(int operation) {
    switch (operation) {
      case ExactPacked.ADD -> code.dadd();
      case ExactPacked.SUBTRACT -> code.dsub();
      case ExactPacked.MULTIPLY -> code.dmul();
      default -> code.ddiv();
    }
  }

  /** Takes the check's outcome from the stack. */
  private void completeDoubles(Insn insn, Runnable exactly) {
    emitter.exactness.unlessSafe(() -> {
      exactly.run();
      operands.pushScratch(0);
      emitter.xmm.toDouble();
      code.dstore(LOW_RESULT);
      operands.pushScratch(1);
      emitter.xmm.toDouble();
      code.dstore(HIGH_RESULT);
    });
    code.dload(LOW_RESULT);
    emitter.xmm.writeDouble(insn.register0);
    code.dload(HIGH_RESULT);
    emitter.xmm.toLong();
    operands.writeHigh();
  }

  private void chosenDoubles(String name, int operation) {
    operands.loadSource(true);
    pushDoubles(A_LOW, B_LOW);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, name, "(DD)D");
    emitter.xmm.toLong();
    operands.keepLow();
    pushDoubles(A_HIGH, B_HIGH);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, name, "(DD)D");
    emitter.xmm.toLong();
    operands.keepHigh();
    pushDoubles(A_LOW, A_HIGH, B_LOW, B_HIGH);
    operands.call(SimdNames.PACKED_DOUBLE, "compareQuietly", "(DDDD)Z");
    unlessSafe(() -> exactly("doubles", operation));
    operands.writeKept();
  }

  private void comparedDoubles(int predicate) {
    operands.loadSource(true);
    comparedHalf(A_LOW, B_LOW, predicate);
    operands.keepLow();
    comparedHalf(A_HIGH, B_HIGH, predicate);
    operands.keepHigh();
    pushDoubles(A_LOW, A_HIGH, B_LOW, B_HIGH);
    operands.call(SimdNames.PACKED_DOUBLE, "compareQuietly", "(DDDD)Z");
    unlessSafe(() -> exactly("doubles", ExactPacked.COMPARE + predicate));
    operands.writeKept();
  }

  private void comparedHalf(int a, int b, int predicate) {
    pushDoubles(a, b);
    code.loadConstant(predicate);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, "compare", "(DDI)D");
    emitter.xmm.toLong();
  }

  private void doubleRoots(Insn insn) {
    operands.loadSource(true);
    operands.pushDouble(B_LOW);
    code.invokestatic(Names.MATH, "sqrt", SimdNames.DOUBLE_TO_DOUBLE).dstore(LOW_RESULT);
    operands.pushDouble(B_HIGH);
    code.invokestatic(Names.MATH, "sqrt", SimdNames.DOUBLE_TO_DOUBLE).dstore(HIGH_RESULT);
    code.dload(LOW_RESULT).dload(HIGH_RESULT);
    pushDoubles(B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_DOUBLE, "areSafeRoots", "(DDDDLorg/maloca/x86/Cpu;)Z");
    completeDoubles(insn, () -> exactly("doubles", ExactPacked.SQUARE_ROOT));
  }

  // Conversions.

  private void integersToSingles() {
    operands.loadSource(true);
    pairsOfOne("fromInts");
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_SINGLE, "roundsSafely", "(Lorg/maloca/x86/Cpu;)Z");
    unlessSafe(() -> exactly("singles", ExactPacked.FROM_INT));
    operands.writeKept();
  }

  private void singlesToIntegers(String name, int operation) {
    operands.loadSource(true);
    pairsOfOne(name);
    pushHalves(B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_SINGLE, "areConvertible", "(JJLorg/maloca/x86/Cpu;)Z");
    unlessSafe(() -> exactly("singles", operation));
    operands.writeKept();
  }

  private void integersToDoubles() {
    operands.loadLowSource(8);
    operands.push(B_LOW);
    code.l2i().i2d();
    emitter.xmm.toLong();
    operands.keepLow();
    operands.push(B_LOW);
    code.loadConstant(32).lshr().l2d();
    emitter.xmm.toLong();
    operands.keepHigh();
    operands.writeKept();
  }

  private void singlesToDoubles() {
    operands.loadLowSource(8);
    operands.push(B_LOW);
    operands.call(SimdNames.PACKED_CONVERSION, "lowToDouble", "(J)J");
    operands.keepLow();
    operands.push(B_LOW);
    operands.call(SimdNames.PACKED_CONVERSION, "highToDouble", "(J)J");
    operands.keepHigh();
    operands.push(B_LOW);
    operands.call(SimdNames.PACKED_CONVERSION, "widenQuietly", "(J)Z");
    unlessSafe(() -> {
      operands.push(B_LOW);
      code.aload(Locals.CPU);
      operands.call(SimdNames.EXACT_PACKED, "singlesToDoubles", "(JLorg/maloca/x86/Cpu;)V");
    });
    operands.writeKept();
  }

  private void doublesToSingles() {
    operands.loadSource(true);
    pushDoubles(B_LOW, B_HIGH);
    operands.call(SimdNames.PACKED_CONVERSION, "toSingles", "(DD)J");
    operands.keepLow();
    code.lconst_0();
    operands.keepHigh();
    pushDoubles(B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_CONVERSION, "narrowSafely", "(DDLorg/maloca/x86/Cpu;)Z");
    unlessSafe(() -> {
      pushHalves(B_LOW, B_HIGH);
      code.aload(Locals.CPU);
      operands.call(SimdNames.EXACT_PACKED, "doublesToSingles", "(JJLorg/maloca/x86/Cpu;)V");
    });
    operands.writeKept();
  }

  private void doublesToIntegers(boolean truncate) {
    operands.loadSource(true);
    pushDoubles(B_LOW, B_HIGH);
    operands.call(SimdNames.PACKED_CONVERSION, truncate ? "toInts" : "toNearestInts", "(DD)J");
    operands.keepLow();
    code.lconst_0();
    operands.keepHigh();
    pushDoubles(B_LOW, B_HIGH);
    code.aload(Locals.CPU);
    operands.call(SimdNames.PACKED_CONVERSION, "areConvertible", "(DDLorg/maloca/x86/Cpu;)Z");
    unlessSafe(() -> {
      pushHalves(B_LOW, B_HIGH);
      code.loadConstant(truncate ? 1 : 0).aload(Locals.CPU);
      operands.call(SimdNames.EXACT_PACKED, "doublesToInts", "(JJZLorg/maloca/x86/Cpu;)V");
    });
    operands.writeKept();
  }
}
