package org.maloca.x86.translate;

import static org.maloca.x86.translate.VectorOperands.A_LOW;
import static org.maloca.x86.translate.VectorOperands.B_LOW;

import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;

/**
 * Bytecode for scalar floating-point arithmetic and comparisons: as the host does it, and a check
 * whether that is what MXCSR wants.
 */
final class ScalarFloatEmitter implements InsnEmitter {
  private static final int RESULT = Locals.FREE;

  private final Emitter emitter;
  private final MethodCode code;
  private final VectorOperands operands;
  private final ScalarFormat doubles;
  private final ScalarFormat singles;

  ScalarFloatEmitter(Emitter emitter, VectorOperands operands) {
    this.emitter = emitter;
    this.operands = operands;
    code = emitter.code;
    doubles = new DoubleFormat(emitter, operands);
    singles = new SingleFormat(emitter, operands);
  }

  @Override
  public boolean knows(Insn insn) {
    return VectorOperands.areUsable(emitter, insn)
        && switch (insn.operation) {
          case ADDSD, SUBSD, MULSD, DIVSD, SQRTSD, MINSD, MAXSD -> true;
          case ADDSS, SUBSS, MULSS, DIVSS, SQRTSS, MINSS, MAXSS -> true;
          case COMISD, UCOMISD, COMISS, UCOMISS, CMPSD_XMM, CMPSS -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    operands.begin(insn, at);
    emitter.mark(at);
    switch (insn.operation) {
      case ADDSD -> arithmetic(doubles, insn, "isSafeSum", "add");
      case SUBSD -> arithmetic(doubles, insn, "isSafeSum", "subtract");
      case MULSD -> arithmetic(doubles, insn, "isSafeProduct", "multiply");
      case DIVSD -> arithmetic(doubles, insn, "isSafeQuotient", "divide");
      case MINSD -> choice(doubles, insn, "min");
      case MAXSD -> choice(doubles, insn, "max");
      case SQRTSD -> root(doubles, insn);
      case COMISD -> comparison(doubles, "orderedRelation");
      case UCOMISD -> comparison(doubles, "relation");
      case CMPSD_XMM -> mask(doubles, insn);
      case ADDSS -> arithmetic(singles, insn, "isSafeSum", "add");
      case SUBSS -> arithmetic(singles, insn, "isSafeSum", "subtract");
      case MULSS -> arithmetic(singles, insn, "isSafeProduct", "multiply");
      case DIVSS -> arithmetic(singles, insn, "isSafeQuotient", "divide");
      case MINSS -> choice(singles, insn, "min");
      case MAXSS -> choice(singles, insn, "max");
      case SQRTSS -> root(singles, insn);
      case COMISS -> comparison(singles, "orderedRelation");
      case UCOMISS -> comparison(singles, "relation");
      default -> mask(singles, insn);
    }
  }

  private void pushBoth(ScalarFormat format) {
    format.push(A_LOW);
    format.push(B_LOW);
  }

  private void arithmetic(ScalarFormat format, Insn insn, String check, String exactly) {
    format.loadSource();
    if (emitter.exactness.leaves()) {
      checkedArithmetic(format, insn);
      return;
    }
    pushBoth(format);
    format.apply(insn.operation);
    format.store(RESULT);
    format.load(RESULT);
    pushBoth(format);
    code.aload(Locals.CPU);
    format.callArithmetic(check, "(TTTC)Z");
    orElse(format, exactly);
    finish(format, insn);
  }

  private void checkedArithmetic(ScalarFormat format, Insn insn) {
    CheckedOperands checked = new CheckedOperands(emitter, operands, format);
    checked.requireHost();
    int low;
    int high;
    switch (insn.operation) {
      case MULSD, MULSS -> {
        checked.forProduct();
        low = checked.low(A_LOW) + checked.low(B_LOW);
        high = checked.high(A_LOW) + checked.high(B_LOW);
      }
      case DIVSD, DIVSS -> {
        checked.forQuotient();
        format.push(B_LOW);
        format.compareWithZero();
        emitter.exactness.leaveIfZero();
        low = checked.low(A_LOW) - checked.high(B_LOW);
        high = checked.high(A_LOW) - checked.low(B_LOW);
      }
      default -> {
        checked.forSum();
        low = Math.min(checked.low(A_LOW), checked.low(B_LOW)) - format.precision() + 1;
        high = Math.max(checked.high(A_LOW), checked.high(B_LOW)) + 1;
      }
    }
    pushBoth(format);
    format.apply(insn.operation);
    format.write(insn.register0);
    emitter.xmm.ranges.set(format.slot(insn.register0), low, high);
  }

  /** Goes by the int on the stack, whether the result is right. */
  private void orElse(ScalarFormat format, String exactly) {
    emitter.exactness.unlessSafe(() -> {
      pushBoth(format);
      code.aload(Locals.CPU);
      format.callExact(exactly, "(TTC)T");
      format.store(RESULT);
    });
  }

  private void finish(ScalarFormat format, Insn insn) {
    format.load(RESULT);
    format.write(insn.register0);
  }

  private void choice(ScalarFormat format, Insn insn, String name) {
    format.loadSource();
    if (emitter.exactness.leaves()) {
      CheckedOperands checked = checkPlain(format);
      int low = Math.min(checked.low(A_LOW), checked.low(B_LOW));
      int high = Math.max(checked.high(A_LOW), checked.high(B_LOW));
      pushBoth(format);
      format.callArithmetic(name, "(TT)T");
      format.write(insn.register0);
      emitter.xmm.ranges.set(format.slot(insn.register0), low, high);
      return;
    }
    pushBoth(format);
    format.callArithmetic(name, "(TT)T");
    format.store(RESULT);
    checkComparison(format);
    orElse(format, name);
    finish(format, insn);
  }

  private CheckedOperands checkPlain(ScalarFormat format) {
    CheckedOperands checked = new CheckedOperands(emitter, operands, format);
    checked.requirePlain(A_LOW);
    checked.requirePlain(B_LOW);
    return checked;
  }

  private void checkComparison(ScalarFormat format) {
    pushBoth(format);
    format.callArithmetic("comparesQuietly", "(TT)Z");
  }

  private void root(ScalarFormat format, Insn insn) {
    format.loadSource();
    if (emitter.exactness.leaves()) {
      checkedRoot(format, insn);
      return;
    }
    format.push(B_LOW);
    format.callArithmetic("squareRoot", "(T)T");
    format.store(RESULT);
    format.load(RESULT);
    format.push(B_LOW);
    code.aload(Locals.CPU);
    format.callArithmetic("isSafeRoot", "(TTC)Z");
    emitter.exactness.unlessSafe(() -> {
      format.push(B_LOW);
      code.aload(Locals.CPU);
      format.callExact("squareRoot", "(TC)T");
      format.store(RESULT);
    });
    finish(format, insn);
  }

  private void checkedRoot(ScalarFormat format, Insn insn) {
    CheckedOperands checked = new CheckedOperands(emitter, operands, format);
    checked.requireHost();
    checked.requirePlain(B_LOW);
    format.push(B_LOW);
    format.compareWithZero();
    emitter.exactness.leaveIfNegative();
    int low = Math.floorDiv(checked.low(B_LOW), 2);
    int high = Math.ceilDiv(checked.high(B_LOW), 2);
    format.push(B_LOW);
    format.callArithmetic("squareRoot", "(T)T");
    format.write(insn.register0);
    emitter.xmm.ranges.set(format.slot(insn.register0), low, high);
  }

  // Comparisons.

  /**
   * Leaves the operands for {@link FloatCondition}, or numbers in the same relation where the
   * operands say more than their values.
   */
  private void comparison(ScalarFormat format, String exactly) {
    format.loadSource();
    boolean leaves = emitter.exactness.leaves();
    if (leaves) {
      checkPlain(format);
    }
    format.push(A_LOW);
    format.widen();
    code.dstore(Locals.COMPARED_A);
    format.push(B_LOW);
    format.widen();
    code.dstore(Locals.COMPARED_B);
    if (!leaves) {
      checkComparison(format);
      emitter.exactness.unlessSafe(() -> {
        pushBoth(format);
        code.aload(Locals.CPU);
        format.callExact(exactly, "(TTC)T");
        format.widen();
        code.dstore(Locals.COMPARED_A).dconst_0().dstore(Locals.COMPARED_B);
      });
    }
    code.dload(Locals.COMPARED_A).dload(Locals.COMPARED_B);
    operands.call(SimdNames.FLOAT_FLAGS, "of", "(DD)J");
    emitter.flags.setCompared();
  }

  private void mask(ScalarFormat format, Insn insn) {
    int predicate = (int) insn.immediate & 7;
    format.loadSource();
    pushBoth(format);
    code.loadConstant(predicate);
    format.callArithmetic("compare", "(TTI)T");
    format.store(RESULT);
    checkComparison(format);
    emitter.exactness.unlessSafe(() -> {
      pushBoth(format);
      code.loadConstant(predicate).aload(Locals.CPU);
      format.callExact("compare", "(TTIC)T");
      format.store(RESULT);
    });
    finish(format, insn);
  }
}
