package org.maloca.x86.translate;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import org.maloca.x86.Flags;

/** Branches on conditions: directly on what the flags follow from, where that is known. */
class ConditionEmitter extends Emitter {
  ConditionEmitter(CodeBuilder code, boolean wide) {
    super(code, wide);
  }

  /** Jumps to {@code target} when the condition holds; else goes on. */
  final void branchIf(int condition, Label target) {
    int base = flagKind & ~3;
    int pair = condition >>> 1;
    boolean negated = (condition & 1) != 0;
    boolean known = flagKind != UNKNOWN && base != Flags.KNOWN;
    if (known && pair == 2) {
      shifted(Locals.FLAG_RESULT);
      branchOnZero(negated, target);
    } else if (known && pair == 4) {
      shifted(Locals.FLAG_RESULT);
      branchOnSign(negated, target);
    } else if (known && base == Flags.SUB && (pair == 1 || pair == 3 || pair >= 6)) {
      afterSubtraction(pair, negated, target);
    } else if (known && base == Flags.LOGIC && (pair == 3 || pair >= 6)) {
      afterLogic(pair, negated, target);
    } else {
      code.loadConstant(condition);
      pushFlags();
      code.invokestatic(Names.FLAGS, "condition", Names.CONDITION);
      code.ifne(target);
    }
  }

  /** Pushes a local with the operand's top bit at bit 63. */
  private void shifted(int local) {
    code.lload(local);
    shift();
  }

  private void shift() {
    int size = 8 << (flagKind & 3);
    if (size != 64) {
      code.loadConstant(64 - size).lshl();
    }
  }

  private void branchOnZero(boolean negated, Label target) {
    code.lconst_0().lcmp();
    if (negated) {
      code.ifne(target);
    } else {
      code.ifeq(target);
    }
  }

  private void branchOnSign(boolean negated, Label target) {
    code.lconst_0().lcmp();
    if (negated) {
      code.ifge(target);
    } else {
      code.iflt(target);
    }
  }

  /** Compares the subtraction's operands: minuend is result plus source. */
  private void afterSubtraction(int pair, boolean negated, Label target) {
    code.lload(Locals.FLAG_RESULT).lload(Locals.FLAG_SOURCE).ladd();
    shift();
    shifted(Locals.FLAG_SOURCE);
    if (pair == 1 || pair == 3) {
      code.invokestatic(Names.LONG_CLASS, "compareUnsigned", Names.LONG_LONG_TO_INT);
    } else {
      code.lcmp();
    }
    boolean orEqual = pair == 3 || pair == 7;
    branchOnOrder(orEqual, negated, target);
  }

  private void branchOnOrder(boolean orEqual, boolean negated, Label target) {
    if (orEqual) {
      if (negated) {
        code.ifgt(target);
      } else {
        code.ifle(target);
      }
    } else if (negated) {
      code.ifge(target);
    } else {
      code.iflt(target);
    }
  }

  /** CF and OF are clear: BE is E, L is S, LE is S or E. */
  private void afterLogic(int pair, boolean negated, Label target) {
    shifted(Locals.FLAG_RESULT);
    if (pair == 3) {
      branchOnZero(negated, target);
    } else {
      code.lconst_0().lcmp();
      branchOnOrder(pair == 7, negated, target);
    }
  }
}
