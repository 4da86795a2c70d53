package org.maloca.x86.translate;

import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;

/**
 * Branches on the flags that COMISD and its like leave (ZF, PF and CF are set for unordered
 * operands, ZF for equal ones, CF for a first operand that is less; the others are clear), from the
 * operands themselves.
 */
final class FloatCondition {
  private final MethodCode code;

  FloatCondition(MethodCode code) {
    this.code = code;
  }

  /** Jumps to {@code target} when the condition holds; else goes on. */
  void branchIf(int condition, Label target) {
    boolean negated = (condition & 1) != 0;
    switch (condition >>> 1) {
      case 1 -> onCarry(negated, target);
      case 2 -> onZero(negated, target);
      case 3 -> onCarryOrZero(negated, target);
      case 5 -> onParity(negated, target);
      case 7 -> onZero(negated, target);
      default -> {
        if (negated) {
          code.goto_(target);
        }
      }
    }
  }

  private MethodCode operands() {
    return code.dload(Locals.COMPARED_A).dload(Locals.COMPARED_B);
  }

  private void onCarry(boolean negated, Label target) {
    operands().dcmpl();
    if (negated) {
      code.ifge(target);
    } else {
      code.iflt(target);
    }
  }

  private void onCarryOrZero(boolean negated, Label target) {
    operands().dcmpl();
    if (negated) {
      code.ifgt(target);
    } else {
      code.ifle(target);
    }
  }

  private void onZero(boolean negated, Label target) {
    Label ordered = negated ? target : code.newLabel();
    operands().dcmpg().iflt(ordered);
    operands().dcmpl().ifgt(ordered);
    if (!negated) {
      code.goto_(target).labelBinding(ordered);
    }
  }

  private void onParity(boolean negated, Label target) {
    Label unordered = negated ? code.newLabel() : target;
    code.dload(Locals.COMPARED_A).dload(Locals.COMPARED_A).dcmpl().ifne(unordered);
    code.dload(Locals.COMPARED_B).dload(Locals.COMPARED_B).dcmpl().ifne(unordered);
    if (negated) {
      code.goto_(target).labelBinding(unordered);
    }
  }
}
