package org.maloca.x86.translate;

import java.lang.constant.ClassDesc;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Operation;

/** Bytecode on scalars of a floating-point format. */
abstract sealed class ScalarFormat permits DoubleFormat, SingleFormat {
  private static final String CPU = "Lorg/maloca/x86/Cpu;";

  final MethodCode code;
  final Emitter emitter;
  final VectorOperands operands;
  private final String letter;
  private final ClassDesc arithmetic;
  private final ClassDesc exact;

  ScalarFormat(
      Emitter emitter,
      VectorOperands operands,
      String letter,
      ClassDesc arithmetic,
      ClassDesc exact) {
    this.emitter = emitter;
    this.operands = operands;
    this.letter = letter;
    this.arithmetic = arithmetic;
    this.exact = exact;
    code = emitter.code;
  }

  /** Calls a method of the arithmetic, with T for the format and C for the CPU in its type. */
  final void callArithmetic(String name, String type) {
    operands.call(arithmetic, name, descriptor(type));
  }

  /** Calls a method of the exact arithmetic. */
  final void callExact(String name, String type) {
    operands.call(exact, name, descriptor(type));
  }

  /** Calls a conversion or a check of one. */
  final void callConversion(String name, String type) {
    operands.call(SimdNames.SCALAR_CONVERSION, name, descriptor(type));
  }

  private String descriptor(String type) {
    return type.replace("T", letter).replace("C", CPU);
  }

  /** Loads a memory source. */
  abstract void loadSource();

  /** Pushes the scalar in a half. */
  abstract void push(int half);

  /** Pops a scalar into a register. */
  abstract void write(int register);

  abstract void store(int local);

  abstract void load(int local);

  /** Adds, subtracts, multiplies or divides. */
  abstract void apply(Operation operation);

  /** Compares with zero into an int, 1 when it is no number. */
  abstract void compareWithZero();

  /** Widens to a double. */
  abstract void widen();

  /** Slot in {@link FloatRanges}. */
  abstract int slot(int register);

  /** Bits of the significand, the leading one included. */
  abstract int precision();

  /** Exponent of the least normal number. */
  abstract int leastExponent();

  /** Exponent of the greatest finite number. */
  abstract int greatestExponent();

  /**
   * Exponents that a number is asked to have whose range matters: most numbers do, and a few
   * operations on them need no further look.
   */
  abstract int commonExponent();

  /**
   * Replaces the scalar on the stack by an int that, unsigned, is below {@link #commonSpan} if its
   * exponent is from {@code -commonExponent()} to below {@code commonExponent()}.
   */
  abstract void pushDistanceFromCommon();

  abstract int commonSpan();

  /** Leaves the region unless the scalar in a half is zero or has a common exponent. */
  final void requireCommon(int half) {
    Label common = code.newLabel();
    push(half);
    pushDistanceFromCommon();
    code.loadConstant(commonSpan());
    code.invokestatic(Names.INTEGER_CLASS, "compareUnsigned", SimdNames.INT_INT_TO_INT);
    code.iflt(common);
    push(half);
    compareWithZero();
    emitter.exactness.leaveIfNotZero();
    code.labelBinding(common);
  }
}
