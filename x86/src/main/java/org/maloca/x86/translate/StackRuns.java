package org.maloca.x86.translate;

import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * PUSHes of registers that follow each other in a block of 64-bit code, and POPs to them, as
 * functions begin and end with: small regions have one call for all of them, where each on its own
 * would be as long.
 */
final class StackRuns {
  /** {@link #packed} has room for so many. */
  static final int MOST = 7;

  private static final int RSP = 4;
  private static final int SLOT_BYTES = 8;
  private static final int REGISTER_BITS = 4;
  private static final int COUNT_SHIFT = MOST * REGISTER_BITS;
  private static final int REGISTER_MASK = (1 << REGISTER_BITS) - 1;

  private final Insn[] insns;

  /** For each instruction how many belong to the run that begins with it; 0 where none does. */
  private final int[] lengths;

  private final boolean[] isIn;

  /** Finds those of a block. */
  StackRuns(Insn[] insns) {
    this.insns = insns;
    lengths = new int[insns.length];
    isIn = new boolean[insns.length];
    int at = 0;
    while (at < insns.length) {
      int length = lengthAt(at);
      if (length >= 2) {
        lengths[at] = length;
        for (int i = 0; i < length; i++) {
          isIn[at + i] = true;
        }
      }
      at += Math.max(length, 1);
    }
  }

  private int lengthAt(int first) {
    int length = 0;
    while (length < MOST
        && first + length < insns.length
        && insns[first + length].operation == insns[first].operation
        && isPlain(insns[first + length])) {
      length++;
    }
    return length;
  }

  private static boolean isPlain(Insn insn) {
    return (insn.operation == Operation.PUSH || insn.operation == Operation.POP)
        && insn.operandSize == SLOT_BYTES
        && insn.kind0 == OperandKind.GPR
        && insn.register0 != RSP
        && insn.length == bytes(insn.register0);
  }

  /** Bytes of a PUSH or POP of a register: with a prefix or without. */
  static int bytes(int register) {
    return register >= 8 ? 2 : 1;
  }

  /** How many instructions belong to the run that begins with one; 0 where none does. */
  int length(int index) {
    return lengths[index];
  }

  /** Whether an instruction belongs to any. */
  boolean contains(int index) {
    return isIn[index];
  }

  /** The registers of the run that begins with an instruction, in their order, in one number. */
  int packed(int index) {
    int packed = lengths[index] << COUNT_SHIFT;
    for (int i = 0; i < lengths[index]; i++) {
      packed |= insns[index + i].register0 << REGISTER_BITS * i;
    }
    return packed;
  }

  /** How many registers are packed. */
  static int count(int packed) {
    return packed >>> COUNT_SHIFT;
  }

  /** The register of a number, of those that are packed. */
  static int register(int packed, int number) {
    return packed >>> REGISTER_BITS * number & REGISTER_MASK;
  }
}
