package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * Bytecode for the parts that instructions are made of: operands, memory, flags. Values are longs
 * on the JVM's stack; bits above an operand's size are junk unless said otherwise.
 */
class Emitter {
  /** The kind of the lazy flags is not known here. */
  static final int UNKNOWN = -1;

  private static final long MASK_32 = 0xffff_ffffL;

  final CodeBuilder code;
  final boolean wide;

  /** What {@link Locals#FLAG_KIND} is known to hold at this point, or {@link #UNKNOWN}. */
  int flagKind = UNKNOWN;

  /**
   * Makes an emitter.
   *
   * @param wide 64-bit code; else 32-bit code in flat segments
   */
  Emitter(CodeBuilder code, boolean wide) {
    this.code = code;
    this.wide = wide;
  }

  // Registers.

  final void readGuest(int register) {
    code.lload(Locals.guest(register));
  }

  /** Stores the value on the stack to a register as an instruction of that size does. */
  final void writeGuest(int register, int size) {
    switch (size) {
      case 8 -> {}
      case 4 -> code.loadConstant(MASK_32).land();
      default -> {
        long mask = size == 1 ? 0xff : 0xffff;
        code.loadConstant(mask).land();
        code.lload(Locals.guest(register)).loadConstant(~mask).land().lor();
      }
    }
    code.lstore(Locals.guest(register));
  }

  final void writeHighByte(int register) {
    code.loadConstant(0xffL).land().loadConstant(8).lshl();
    code.lload(Locals.guest(register)).loadConstant(~0xff00L).land().lor();
    code.lstore(Locals.guest(register));
  }

  // Operands.

  /** Pushes operand {@code n}, which is no memory operand. */
  final void readSimple(Insn insn, int n) {
    switch (insn.kind(n)) {
      case GPR -> readGuest(insn.register(n));
      case HIGH_BYTE -> code.lload(Locals.guest(insn.register(n))).loadConstant(8).lushr();
      case IMMEDIATE -> code.loadConstant(insn.immediate);
      default -> throw new IllegalStateException("not simple: " + insn.kind(n));
    }
  }

  static boolean isSimple(OperandKind kind) {
    return kind == OperandKind.GPR
        || kind == OperandKind.HIGH_BYTE
        || kind == OperandKind.IMMEDIATE;
  }

  static boolean isRegister(OperandKind kind) {
    return kind == OperandKind.GPR || kind == OperandKind.HIGH_BYTE;
  }

  /** Pops a value into register operand {@code n}. */
  final void writeRegister(Insn insn, int n, int size) {
    if (insn.kind(n) == OperandKind.HIGH_BYTE) {
      writeHighByte(insn.register(n));
    } else {
      writeGuest(insn.register(n), size);
    }
  }

  /** Pushes the offset of the memory operand. */
  final void offset(Insn insn, int pageOffset) {
    long displacement = insn.displacement;
    boolean empty = true;
    if (insn.ripRelative) {
      code.lload(Locals.BASE);
      displacement += pageOffset + insn.length;
      empty = false;
    }
    if (insn.base != Insn.NO_REGISTER) {
      readGuest(insn.base);
      empty = false;
    }
    if (insn.index != Insn.NO_REGISTER) {
      readGuest(insn.index);
      if (insn.scale != 0) {
        code.loadConstant(insn.scale).lshl();
      }
      if (!empty) {
        code.ladd();
      }
      empty = false;
    }
    if (empty) {
      code.loadConstant(displacement);
    } else if (displacement != 0) {
      code.loadConstant(displacement).ladd();
    }
    if (insn.addressSize == 4) {
      code.loadConstant(MASK_32).land();
    }
  }

  /** Pushes the linear address of the memory operand. */
  final void address(Insn insn, int pageOffset) {
    offset(insn, pageOffset);
    if (insn.segment >= 4) {
      code.aload(Locals.CPU).getfield(Names.CPU, "segments", Names.SEGMENTS);
      code.loadConstant((int) insn.segment).aaload().getfield(Names.SEGMENT, "base", CD_long);
      code.ladd();
    }
  }

  /** Whether the address needs no limit check, so that {@link #address} is right. */
  final boolean hasPlainAddress(Insn insn) {
    return insn.segment < 4 && insn.addressSize >= 4 || wide;
  }

  /** Marks the instruction that a fault would be of. */
  final void mark(int pageOffset) {
    code.loadConstant(pageOffset).istore(Locals.PC);
  }

  /** Replaces the address on the stack, over the MMU below it, by what is there, zero-extended. */
  final void load(int size) {
    switch (size) {
      case 1 -> code.invokevirtual(Names.MMU, "load8", Names.LONG_TO_INT).i2l();
      case 2 -> code.invokevirtual(Names.MMU, "load16", Names.LONG_TO_INT).i2l();
      case 4 ->
          code.invokevirtual(Names.MMU, "load32", Names.LONG_TO_INT)
              .i2l()
              .loadConstant(MASK_32)
              .land();
      default -> code.invokevirtual(Names.MMU, "load64", Names.LONG_TO_LONG);
    }
  }

  /** Stores the value on the stack at the address below it, over the MMU. */
  final void store(int size) {
    switch (size) {
      case 1 -> code.l2i().invokevirtual(Names.MMU, "store8", Names.LONG_INT_TO_VOID);
      case 2 -> code.l2i().invokevirtual(Names.MMU, "store16", Names.LONG_INT_TO_VOID);
      case 4 -> code.l2i().invokevirtual(Names.MMU, "store32", Names.LONG_INT_TO_VOID);
      default -> code.invokevirtual(Names.MMU, "store64", Names.LONG_LONG_TO_VOID);
    }
  }

  final void mmu() {
    code.aload(Locals.MMU);
  }

  /** Pushes operand {@code n}, from memory where it is there. */
  final void read(Insn insn, int n, int size, int pageOffset) {
    if (insn.kind(n) == OperandKind.MEMORY) {
      mark(pageOffset);
      mmu();
      address(insn, pageOffset);
      load(size);
    } else {
      readSimple(insn, n);
    }
  }

  // Flags.

  /** Sets the lazy flags from the values in the temporaries: result and source. */
  final void setFlags(int kind, int resultLocal, int sourceLocal) {
    code.loadConstant(kind).istore(Locals.FLAG_KIND);
    code.lload(resultLocal).lstore(Locals.FLAG_RESULT);
    code.lload(sourceLocal).lstore(Locals.FLAG_SOURCE);
    flagKind = kind;
  }

  /** Makes the flags those on the stack (RFLAGS bits). */
  final void setKnownFlags() {
    code.lstore(Locals.FLAG_SOURCE);
    code.loadConstant(Flags.KNOWN).istore(Locals.FLAG_KIND);
    flagKind = Flags.KNOWN;
  }

  /** Pushes kind, result and source. */
  final void pushFlags() {
    if (flagKind == UNKNOWN) {
      code.iload(Locals.FLAG_KIND);
    } else {
      code.loadConstant(flagKind);
    }
    code.lload(Locals.FLAG_RESULT).lload(Locals.FLAG_SOURCE);
  }

  /** Pushes CF as an int. */
  final void pushCarry() {
    pushFlags();
    code.invokestatic(Names.FLAGS, "carry", Names.LAZY_TO_BOOLEAN);
  }

  static int log2(int size) {
    return 31 - Integer.numberOfLeadingZeros(size);
  }
}
