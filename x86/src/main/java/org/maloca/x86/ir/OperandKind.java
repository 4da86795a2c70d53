package org.maloca.x86.ir;

/** Where an operand of an {@link Insn} lives. */
public enum OperandKind {
  NONE,
  /** General register; of byte operands the low byte. */
  GPR,
  /** AH, CH, DH, BH: bits 8-15 of registers 0-3. */
  HIGH_BYTE,
  /** The instruction's memory operand (an instruction has at most one). */
  MEMORY,
  /** {@link Insn#immediate}. */
  IMMEDIATE,
  /** Branch displacement in {@link Insn#immediate}, relative to the next instruction. */
  RELATIVE,
  /** Selector in {@link Insn#immediate2}, offset in {@link Insn#immediate}. */
  FAR_POINTER,
  SEGMENT,
  CONTROL,
  DEBUG,
  /** ST(i), relative to TOP. */
  X87,
  MMX,
  XMM
}
