package org.maloca.x86.translate;

import org.maloca.x86.ir.Insn;

/**
 * Emits bytecode for one family of instructions. Made anew for each region method; registered in
 * {@link EmitterFamilies}. What no family knows is left to the instruction's handler.
 */
interface InsnEmitter {
  /** Whether {@link #emit} can emit an instruction; the answer depends on nothing else. */
  boolean knows(Insn insn);

  /**
   * Emits an instruction that does not end its block. The JVM's stack is empty before and after.
   * Guest state in locals changes only after the last point that may fault, and {@link
   * Emitter#mark} precedes each such point.
   *
   * @param at offset of the instruction from the region's base
   */
  void emit(Insn insn, int at);
}
