package org.maloca.fuzz;

/** One encoded instruction and what the generator must know of it. Filled by {@link Encoder}. */
final class Encoding {
  static final int NONE = -1;

  final byte[] bytes = new byte[CaseBatch.CODE_CAPACITY];
  Form form;
  int length;
  int instructions;
  int codeOffset;

  /** Operand size in bits: 16, 32 or 64; byte instructions are told by the opcode. */
  int operandBits;

  boolean rexW;
  boolean repeat;
  boolean address32;

  /** 4 for FS, 5 for GS, or {@link #NONE}: the others have no base in 64-bit mode. */
  int segment;

  boolean memory;

  /** ModRM.reg and, for a register operand, ModRM.rm, extended by REX. */
  int reg;

  int rm;

  int base;
  int index;
  int scale;
  int displacement;

  /** Where in the bytes a displacement of 4 bytes is. */
  int displacementAt;

  boolean ripRelative;

  /** The window offset of an operand whose address has no register; {@link #NONE} otherwise. */
  int fixedOffset;

  int immediate;

  /** In a sequence, a bit for each register by which a step finds its memory operand. */
  int pointers;

  Encoding(Form form) {
    this.form = form;
  }

  /** Whether the instruction works on bytes, as far as the opcode's low bit tells it. */
  boolean byteOperand() {
    return (form.opcode() & 1) == 0;
  }

  int width() {
    return byteOperand() ? 8 : operandBits;
  }

  long codeGva() {
    return CaseSpace.CODE_GVA + codeOffset;
  }
}
