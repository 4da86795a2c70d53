package org.maloca.x86.ir;

/**
 * One instruction of the intermediate representation: a guest instruction freed of its encoding.
 * Prefixes, ModRM and SIB bytes are resolved into an {@link Operation}, sizes and operands; what
 * depends on where the code is mapped (RIP, linear addresses) is kept relative, so that the same
 * block serves every mapping of its physical page. The interpreter executes it, the translator
 * compiles it. Immutable, and compact, because a guest's working set is some hundred thousand of
 * them.
 */
public final class Insn {
  /** In {@link #base} and {@link #index}: absent. The engine keeps a zero in register slot 16. */
  public static final int NO_REGISTER = 16;

  /** In {@link #segment}: no memory operand. */
  public static final int NO_SEGMENT = -1;

  public static final int REPEAT_NONE = 0;

  /** F3: REP, REPE. */
  public static final int REPEAT_EQUAL = 1;

  /** F2: REPNE. */
  public static final int REPEAT_NOT_EQUAL = 2;

  public final Operation operation;

  /**
   * Kinds and register numbers of up to four operands in the manuals' (destination-first) order.
   */
  public final OperandKind kind0;

  public final OperandKind kind1;
  public final OperandKind kind2;
  public final OperandKind kind3;
  public final byte register0;
  public final byte register1;
  public final byte register2;
  public final byte register3;

  /**
   * Size of the operation in bytes. Integer operations: 1, 2, 4, 8. MOVZX/MOVSX/MOVSXD: of the
   * destination, while {@link #sourceSize} is that of the source. SIMD: 4 or 8 where a general
   * register takes part.
   */
  public final byte operandSize;

  /** Size of the source of MOVZX, MOVSX, MOVSXD and CRC32 in bytes, else 0. */
  public final byte sourceSize;

  /** 2, 4 or 8. */
  public final byte addressSize;

  /** Segment of the memory operand in encoding order (ES CS SS DS FS GS), override applied. */
  public final byte segment;

  public final byte base;
  public final byte index;

  /** Log2 of the index's factor. */
  public final byte scale;

  /** Sign-extended; for RIP-relative operands relative to the next instruction's address. */
  public final long displacement;

  public final boolean ripRelative;

  /** Sign-extended to 64 bits where the instruction does so. */
  public final long immediate;

  /** Second immediate: ENTER's nesting level, a far pointer's selector. */
  public final int immediate2;

  /** Condition code 0-15 of Jcc, SETcc, CMOVcc. */
  public final byte condition;

  public final byte repeat;
  public final boolean lock;

  /** A REX prefix is present (decides the meaning of byte registers; resolved in the operands). */
  public final boolean rex;

  public final X87Format x87Format;
  public final byte x87Pops;

  /** The opcode's last byte, with its map in bits 8-11 (0 one-byte, 1 0F, 2 0F38, 3 0F3A). */
  public final short opcode;

  public final short modrm;

  /** Bytes of code, 1 to 15. */
  public final byte length;

  /** Of its first byte from the block's first byte. */
  public final short offset;

  Insn(InsnBuilder from) {
    operation = from.operation;
    kind0 = from.kinds[0];
    kind1 = from.kinds[1];
    kind2 = from.kinds[2];
    kind3 = from.kinds[3];
    register0 = (byte) from.registers[0];
    register1 = (byte) from.registers[1];
    register2 = (byte) from.registers[2];
    register3 = (byte) from.registers[3];
    operandSize = (byte) from.operandSize;
    sourceSize = (byte) from.sourceSize;
    addressSize = (byte) from.addressSize;
    segment = (byte) from.segment;
    base = (byte) from.base;
    index = (byte) from.index;
    scale = (byte) from.scale;
    displacement = from.displacement;
    ripRelative = from.ripRelative;
    immediate = from.immediate;
    immediate2 = from.immediate2;
    condition = (byte) from.condition;
    repeat = (byte) from.repeat;
    lock = from.lock;
    rex = from.rex;
    x87Format = from.x87Format;
    x87Pops = (byte) from.x87Pops;
    opcode = (short) from.opcode;
    modrm = (short) from.modrm;
    length = (byte) from.length;
    offset = (short) from.offset;
  }

  /** Kind of operand {@code n}, 0 to 3. */
  public OperandKind kind(int n) {
    return switch (n) {
      case 0 -> kind0;
      case 1 -> kind1;
      case 2 -> kind2;
      default -> kind3;
    };
  }

  /** Register number of operand {@code n}, 0 to 3. */
  public int register(int n) {
    return switch (n) {
      case 0 -> register0;
      case 1 -> register1;
      case 2 -> register2;
      default -> register3;
    };
  }

  /** Whether it has a memory operand. */
  public boolean hasMemory() {
    return kind0 == OperandKind.MEMORY
        || kind1 == OperandKind.MEMORY
        || kind2 == OperandKind.MEMORY;
  }

  /** Offset of the next instruction from the block's first byte. */
  public int nextOffset() {
    return offset + length;
  }
}
