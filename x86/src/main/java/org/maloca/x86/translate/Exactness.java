package org.maloca.x86.translate;

import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;

/**
 * What a region does where the host's result of a floating-point instruction is not what MXCSR
 * wants. Usually that is so rare that it leaves the instruction to the interpreter: then nothing
 * that is known of values is lost by another way to compute them. Where it has turned out to be
 * frequent the region computes exactly itself.
 */
final class Exactness {
  private final MethodCode code;
  private final boolean leaves;
  private final Label leave;
  private boolean used;

  /**
   * @param leaves whether instructions are left to the interpreter
   */
  Exactness(MethodCode code, boolean leaves) {
    this.code = code;
    this.leaves = leaves;
    leave = code.newLabel();
  }

  /** Whether instructions are left to the interpreter. */
  boolean leaves() {
    return leaves;
  }

  /** Leaves the instruction to the interpreter if the int on the stack is zero. */
  void leaveIfZero() {
    used = true;
    code.ifeq(leave);
  }

  /** Leaves the instruction to the interpreter if the int on the stack is not zero. */
  void leaveIfNotZero() {
    used = true;
    code.ifne(leave);
  }

  /** Leaves the instruction to the interpreter if the int on the stack is below zero. */
  void leaveIfNegative() {
    used = true;
    code.iflt(leave);
  }

  /** Goes on if the int on the stack is true; else has {@code exactly} replace the result. */
  void unlessSafe(Runnable exactly) {
    if (leaves) {
      used = true;
      code.ifeq(leave);
    } else {
      Label safe = code.newLabel();
      code.ifne(safe);
      exactly.run();
      code.labelBinding(safe);
    }
  }

  /** Emits the way to the interpreter, where faults find state in the locals. */
  void emit() {
    if (used) {
      code.labelBinding(leave).aload(Locals.REGION).aload(Locals.CPU);
      code.invokevirtual(Names.REGION, "leaveUnsafe", Names.CPU_TO_FAULT).athrow();
    }
  }
}
