package org.maloca.x86.translate;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Bytecode for scalar floating-point arithmetic, comparisons and conversions. */
final class ScalarFloatEmitter implements InsnEmitter {
  private static final int DOUBLE_RESULT = Locals.FREE;
  private static final int SINGLE_RESULT = Locals.FREE;
  private static final String DOUBLES = "(DDLorg/maloca/x86/Cpu;)D";
  private static final String SINGLES = "(FFLorg/maloca/x86/Cpu;)F";
  private static final String DOUBLE = "(DLorg/maloca/x86/Cpu;)D";
  private static final String SINGLE = "(FLorg/maloca/x86/Cpu;)F";

  private final Emitter emitter;
  private final CodeBuilder code;
  private final VectorOperands operands;

  ScalarFloatEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && switch (insn.operation) {
          case ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, MINSD, MAXSD -> true;
          case ADDSS, SUBSS, MULSS, DIVSS, SQRTSS, MINSS, MAXSS -> true;
          case COMISD, UCOMISD, COMISS, UCOMISS, CMPSD_XMM, CMPSS -> true;
          case CVTSI2SD, CVTSI2SS, CVTSD2SS, CVTSS2SD -> true;
          case CVTTSD2SI, CVTSD2SI, CVTTSS2SI, CVTSS2SI, ROUNDSD, ROUNDSS -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    emitter.mark(at);
    switch (insn.operation) {
      case ADDSD -> doubles(insn, "add");
      case SUBSD -> doubles(insn, "subtract");
      case MULSD -> doubles(insn, "multiply");
      case DIVSD -> doubles(insn, "divide");
      case MINSD -> chosenDoubles(insn, "min");
      case MAXSD -> chosenDoubles(insn, "max");
      case SQRTSD -> doubleRoot(insn);
      case ADDSS -> singles(insn, "add");
      case SUBSS -> singles(insn, "subtract");
      case MULSS -> singles(insn, "multiply");
      case DIVSS -> singles(insn, "divide");
      case MINSS -> chosenSingles(insn, "min");
      case MAXSS -> chosenSingles(insn, "max");
      case SQRTSS -> singleRoot(insn);
      case COMISD -> compareDoubles("orderedRelation");
      case UCOMISD -> compareDoubles("relation");
      case COMISS -> compareSingles("orderedRelation");
      case UCOMISS -> compareSingles("relation");
      case CMPSD_XMM -> doubleMask(insn);
      case CMPSS -> singleMask(insn);
      case CVTSI2SD -> integerToDouble(insn, at);
      case CVTSI2SS -> integerToSingle(insn, at);
      case CVTSD2SS -> doubleToSingle(insn);
      case CVTSS2SD -> singleToDouble(insn);
      case CVTTSD2SI -> doubleToInteger(insn, "doubleTo");
      case CVTSD2SI -> doubleToInteger(insn, "doubleToNearest");
      case CVTTSS2SI -> singleToInteger(insn, "singleTo");
      case CVTSS2SI -> singleToInteger(insn, "singleToNearest");
      case ROUNDSD -> roundDouble(insn);
      default -> roundSingle(insn);
    }
  }

  private void doubleSource() {
    operands.loadLowSource(8);
  }

  private void singleSource() {
    operands.loadLowSource(4);
  }

  /** Computes by the host, and again exactly if that was not what MXCSR wants. */
  private void doubles(Insn insn, String name) {
    doubleSource();
    pushDoubles();
    switch (insn.operation) {
      case ADDSD -> code.dadd();
      case SUBSD -> code.dsub();
      case MULSD -> code.dmul();
      default -> code.ddiv();
    }
    code.dstore(DOUBLE_RESULT).dload(DOUBLE_RESULT);
    pushDoubles();
    code.aload(Locals.CPU);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, check(insn.operation), "(DDDLorg/maloca/x86/Cpu;)Z");
    completeDoubles(insn, name);
  }

  private static String check(Operation operation) {
    return switch (operation) {
      case ADDSD, SUBSD, ADDSS, SUBSS -> "isSafeSum";
      default -> "isSafeProduct";
    };
  }

  private void pushDoubles() {
    operands.pushDouble(VectorOperands.A_LOW);
    operands.pushDouble(VectorOperands.B_LOW);
  }

  /** Goes by the int on the stack, whether the result is safe. */
  private void completeDoubles(Insn insn, String name) {
    Label safe = code.newLabel();
    code.ifne(safe);
    pushDoubles();
    code.aload(Locals.CPU);
    operands.call(SimdNames.EXACT_DOUBLE, name, DOUBLES);
    code.dstore(DOUBLE_RESULT).labelBinding(safe).dload(DOUBLE_RESULT);
    emitter.writeXmmDouble(insn.register0);
  }

  private void chosenDoubles(Insn insn, String name) {
    doubleSource();
    pushDoubles();
    operands.call(SimdNames.DOUBLE_ARITHMETIC, name, "(DD)D");
    code.dstore(DOUBLE_RESULT);
    pushDoubles();
    operands.call(SimdNames.DOUBLE_ARITHMETIC, "comparesQuietly", "(DD)Z");
    completeDoubles(insn, name);
  }

  private void doubleRoot(Insn insn) {
    doubleSource();
    operands.pushDouble(VectorOperands.B_LOW);
    code.invokestatic(Names.MATH, "sqrt", SimdNames.DOUBLE_TO_DOUBLE);
    code.dstore(DOUBLE_RESULT).dload(DOUBLE_RESULT);
    operands.pushDouble(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, "isSafeRoot", "(DDLorg/maloca/x86/Cpu;)Z");
    Label safe = code.newLabel();
    code.ifne(safe);
    operands.pushDouble(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    operands.call(SimdNames.EXACT_DOUBLE, "squareRoot", DOUBLE);
    code.dstore(DOUBLE_RESULT).labelBinding(safe).dload(DOUBLE_RESULT);
    emitter.writeXmmDouble(insn.register0);
  }

  private void singles(Insn insn, String name) {
    singleSource();
    pushSingles();
    switch (insn.operation) {
      case ADDSS -> code.fadd();
      case SUBSS -> code.fsub();
      case MULSS -> code.fmul();
      default -> code.fdiv();
    }
    code.fstore(SINGLE_RESULT).fload(SINGLE_RESULT);
    pushSingles();
    code.aload(Locals.CPU);
    operands.call(SimdNames.SINGLE_ARITHMETIC, check(insn.operation), "(FFFLorg/maloca/x86/Cpu;)Z");
    completeSingles(insn, name);
  }

  private void pushSingles() {
    operands.pushFloat(VectorOperands.A_LOW);
    operands.pushFloat(VectorOperands.B_LOW);
  }

  private void completeSingles(Insn insn, String name) {
    Label safe = code.newLabel();
    code.ifne(safe);
    pushSingles();
    code.aload(Locals.CPU);
    operands.call(SimdNames.EXACT_SINGLE, name, SINGLES);
    code.fstore(SINGLE_RESULT).labelBinding(safe).fload(SINGLE_RESULT);
    emitter.writeXmmFloat(insn.register0);
  }

  private void chosenSingles(Insn insn, String name) {
    singleSource();
    pushSingles();
    operands.call(SimdNames.SINGLE_ARITHMETIC, name, "(FF)F");
    code.fstore(SINGLE_RESULT);
    pushSingles();
    operands.call(SimdNames.SINGLE_ARITHMETIC, "comparesQuietly", "(FF)Z");
    completeSingles(insn, name);
  }

  private void singleRoot(Insn insn) {
    singleSource();
    operands.pushFloat(VectorOperands.B_LOW);
    operands.call(SimdNames.SINGLE_ARITHMETIC, "squareRoot", "(F)F");
    code.fstore(SINGLE_RESULT).fload(SINGLE_RESULT);
    operands.pushFloat(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    operands.call(SimdNames.SINGLE_ARITHMETIC, "isSafeRoot", "(FFLorg/maloca/x86/Cpu;)Z");
    Label safe = code.newLabel();
    code.ifne(safe);
    operands.pushFloat(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    operands.call(SimdNames.EXACT_SINGLE, "squareRoot", SINGLE);
    code.fstore(SINGLE_RESULT).labelBinding(safe).fload(SINGLE_RESULT);
    emitter.writeXmmFloat(insn.register0);
  }

  // Comparisons.

  /**
   * Leaves the operands for {@link FloatCondition}, or numbers in the same relation where the
   * operands say more than their values.
   */
  private void compareDoubles(String exactly) {
    doubleSource();
    operands.pushDouble(VectorOperands.A_LOW);
    code.dstore(Locals.COMPARED_A);
    operands.pushDouble(VectorOperands.B_LOW);
    code.dstore(Locals.COMPARED_B);
    Label quiet = code.newLabel();
    code.dload(Locals.COMPARED_A).dload(Locals.COMPARED_B);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, "comparesQuietly", "(DD)Z");
    code.ifne(quiet);
    code.dload(Locals.COMPARED_A).dload(Locals.COMPARED_B).aload(Locals.CPU);
    operands.call(SimdNames.EXACT_DOUBLE, exactly, DOUBLES);
    code.dstore(Locals.COMPARED_A).dconst_0().dstore(Locals.COMPARED_B);
    code.labelBinding(quiet);
    setFlags();
  }

  private void compareSingles(String exactly) {
    singleSource();
    operands.pushFloat(VectorOperands.A_LOW);
    code.fstore(Locals.FREE);
    operands.pushFloat(VectorOperands.B_LOW);
    code.fstore(Locals.FREE + 1);
    Label quiet = code.newLabel();
    Label done = code.newLabel();
    code.fload(Locals.FREE).fload(Locals.FREE + 1);
    operands.call(SimdNames.SINGLE_ARITHMETIC, "comparesQuietly", "(FF)Z");
    code.ifne(quiet);
    code.fload(Locals.FREE).fload(Locals.FREE + 1).aload(Locals.CPU);
    operands.call(SimdNames.EXACT_SINGLE, exactly, SINGLES);
    code.f2d().dstore(Locals.COMPARED_A).dconst_0().dstore(Locals.COMPARED_B).goto_(done);
    code.labelBinding(quiet);
    code.fload(Locals.FREE).f2d().dstore(Locals.COMPARED_A);
    code.fload(Locals.FREE + 1).f2d().dstore(Locals.COMPARED_B);
    code.labelBinding(done);
    setFlags();
  }

  private void setFlags() {
    code.dload(Locals.COMPARED_A).dload(Locals.COMPARED_B);
    operands.call(SimdNames.FLOAT_FLAGS, "of", "(DD)J");
    emitter.flags.setCompared();
  }

  private void doubleMask(Insn insn) {
    int predicate = (int) insn.immediate & 7;
    doubleSource();
    pushDoubles();
    code.loadConstant(predicate);
    operands.call(SimdNames.DOUBLE_ARITHMETIC, "compare", "(DDI)J");
    code.lstore(Locals.TEMP_E);
    pushDoubles();
    operands.call(SimdNames.DOUBLE_ARITHMETIC, "comparesQuietly", "(DD)Z");
    Label quiet = code.newLabel();
    code.ifne(quiet);
    pushDoubles();
    code.loadConstant(predicate).aload(Locals.CPU);
    operands.call(SimdNames.EXACT_DOUBLE, "compare", "(DDILorg/maloca/x86/Cpu;)J");
    code.lstore(Locals.TEMP_E).labelBinding(quiet).lload(Locals.TEMP_E);
    operands.writeLow();
  }

  private void singleMask(Insn insn) {
    int predicate = (int) insn.immediate & 7;
    singleSource();
    pushSingles();
    code.loadConstant(predicate);
    operands.call(SimdNames.SINGLE_ARITHMETIC, "compare", "(FFI)F");
    code.fstore(SINGLE_RESULT);
    pushSingles();
    operands.call(SimdNames.SINGLE_ARITHMETIC, "comparesQuietly", "(FF)Z");
    Label quiet = code.newLabel();
    code.ifne(quiet);
    pushSingles();
    code.loadConstant(predicate).aload(Locals.CPU);
    operands.call(SimdNames.EXACT_SINGLE, "compare", "(FFILorg/maloca/x86/Cpu;)F");
    code.fstore(SINGLE_RESULT).labelBinding(quiet).fload(SINGLE_RESULT);
    emitter.writeXmmFloat(insn.register0);
  }

  // Conversions.

  private void integerToDouble(Insn insn, int at) {
    emitter.read(insn, 1, insn.operandSize, at);
    if (insn.operandSize == 4) {
      code.l2i().i2d();
    } else {
      code.aload(Locals.CPU);
      operands.call(
          SimdNames.SCALAR_CONVERSION, "longToDouble", "(JLorg/maloca/x86/Cpu;)D");
    }
    emitter.writeXmmDouble(insn.register0);
  }

  private void integerToSingle(Insn insn, int at) {
    emitter.read(insn, 1, insn.operandSize, at);
    if (insn.operandSize == 4) {
      code.l2i().i2l();
    }
    code.aload(Locals.CPU);
    operands.call(SimdNames.SCALAR_CONVERSION, "longToSingle", "(JLorg/maloca/x86/Cpu;)F");
    emitter.writeXmmFloat(insn.register0);
  }

  private void doubleToSingle(Insn insn) {
    doubleSource();
    operands.pushDouble(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    operands.call(SimdNames.SCALAR_CONVERSION, "doubleToSingle", "(DLorg/maloca/x86/Cpu;)F");
    emitter.writeXmmFloat(insn.register0);
  }

  private void singleToDouble(Insn insn) {
    singleSource();
    operands.pushFloat(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    operands.call(SimdNames.SCALAR_CONVERSION, "singleToDouble", "(FLorg/maloca/x86/Cpu;)D");
    emitter.writeXmmDouble(insn.register0);
  }

  private void doubleToInteger(Insn insn, String name) {
    doubleSource();
    operands.pushDouble(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    toInteger(insn, name, "(DLorg/maloca/x86/Cpu;)");
  }

  private void singleToInteger(Insn insn, String name) {
    singleSource();
    operands.pushFloat(VectorOperands.B_LOW);
    code.aload(Locals.CPU);
    toInteger(insn, name, "(FLorg/maloca/x86/Cpu;)");
  }

  private void toInteger(Insn insn, String name, String parameters) {
    if (insn.operandSize == 8) {
      operands.call(SimdNames.SCALAR_CONVERSION, name + "Long", parameters + "J");
    } else {
      operands.call(SimdNames.SCALAR_CONVERSION, name + "Int", parameters + "I");
      code.i2l();
    }
    emitter.writeGuest(insn.register0, insn.operandSize);
  }

  private void roundDouble(Insn insn) {
    doubleSource();
    operands.pushDouble(VectorOperands.B_LOW);
    code.loadConstant((int) insn.immediate).aload(Locals.CPU);
    operands.call(SimdNames.SCALAR_CONVERSION, "round", "(DILorg/maloca/x86/Cpu;)D");
    emitter.writeXmmDouble(insn.register0);
  }

  private void roundSingle(Insn insn) {
    singleSource();
    operands.pushFloat(VectorOperands.B_LOW);
    code.loadConstant((int) insn.immediate).aload(Locals.CPU);
    operands.call(SimdNames.SCALAR_CONVERSION, "round", "(FILorg/maloca/x86/Cpu;)F");
    emitter.writeXmmFloat(insn.register0);
  }
}
