package org.maloca.x86.translate;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Bytecode for integer instructions. What it does not know is left to handlers. */
final class IntegerEmitter implements InsnEmitter {
  private final Emitter emitter;
  private final CodeBuilder code;
  private final boolean wide;

  IntegerEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
    wide = emitter.wide;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.lock || insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    OperandKind first = insn.kind0;
    return switch (insn.operation) {
      case MOV, ADD, SUB, AND, OR, XOR, CMP, TEST ->
          (Emitter.isRegister(first) || first == OperandKind.MEMORY)
              && (Emitter.isSimple(insn.kind1) || insn.kind1 == OperandKind.MEMORY);
      case ADC, SBB ->
          Emitter.isRegister(first) && insn.operandSize >= 4 && Emitter.isSimple(insn.kind1);
      case MOVZX, MOVSX, MOVSXD -> insn.operandSize >= 4;
      case LEA, INC, DEC, NEG, NOT, CBW, CWD, NOP, SETCC -> true;
      case CMOVCC -> insn.operandSize >= 4;
      case SHL, SHR, SAR ->
          insn.kind1 == OperandKind.IMMEDIATE && first == OperandKind.GPR && insn.operandSize >= 4;
      case ROL, ROR ->
          insn.kind1 == OperandKind.IMMEDIATE && first == OperandKind.GPR && insn.operandSize >= 4;
      case IMUL -> insn.operandSize >= 4;
      case BSWAP -> insn.operandSize >= 4;
      case XCHG -> Emitter.isRegister(first) && Emitter.isRegister(insn.kind1);
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case MOV -> move(insn, at);
      case LEA -> {
        emitter.offset(insn, at);
        emitter.writeGuest(insn.register0, insn.operandSize);
      }
      case MOVZX, MOVSX, MOVSXD -> extend(insn, at);
      case ADD, SUB, AND, OR, XOR, CMP, TEST -> binary(insn, at);
      case ADC, SBB -> withCarry(insn);
      case INC, DEC -> increment(insn, at);
      case NEG -> negate(insn, at);
      case NOT -> complement(insn, at);
      case SHL, SHR, SAR -> shift(insn);
      case ROL, ROR -> rotate(insn);
      case IMUL -> multiply(insn, at);
      case CBW -> signExtendAccumulator(insn);
      case CWD -> signIntoData(insn);
      case BSWAP -> swapBytes(insn);
      case XCHG -> exchange(insn);
      case SETCC -> setCondition(insn, at);
      case CMOVCC -> conditionalMove(insn, at);
      default -> {}
    }
  }

  private void move(Insn insn, int at) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.MEMORY) {
      emitter.mark(at);
      emitter.mmu();
      emitter.address(insn, at);
      emitter.readSimple(insn, 1);
      emitter.store(size);
    } else {
      emitter.read(insn, 1, size, at);
      emitter.writeRegister(insn, 0, size);
    }
  }

  private void extend(Insn insn, int at) {
    int from = insn.sourceSize;
    emitter.read(insn, 1, from, at);
    if (insn.operation == org.maloca.x86.ir.Operation.MOVZX) {
      code.loadConstant(from == 1 ? 0xffL : 0xffffL).land();
    } else {
      int shift = 64 - 8 * from;
      code.loadConstant(shift).lshl().loadConstant(shift).lshr();
    }
    emitter.writeGuest(insn.register0, insn.operandSize);
  }

  private void binary(Insn insn, int at) {
    int size = insn.operandSize;
    boolean memoryDestination = insn.kind0 == OperandKind.MEMORY;
    boolean writes =
        switch (insn.operation) {
          case CMP, TEST -> false;
          default -> true;
        };
    emitter.read(insn, 1, size, at);
    code.lstore(Locals.TEMP_B);
    if (memoryDestination && writes) {
      emitter.mark(at);
      emitter.address(insn, at);
      code.lstore(Locals.TEMP_ADDRESS);
      emitter.mmu();
      code.lload(Locals.TEMP_ADDRESS).loadConstant(size);
      code.invokevirtual(Names.MMU, "loadForUpdate", Names.LONG_INT_TO_LONG);
    } else {
      emitter.read(insn, 0, size, at);
    }
    code.lload(Locals.TEMP_B);
    int kind =
        switch (insn.operation) {
          case ADD -> {
            code.ladd();
            yield Flags.ADD;
          }
          case SUB, CMP -> {
            code.lsub();
            yield Flags.SUB;
          }
          case OR -> {
            code.lor();
            yield Flags.LOGIC;
          }
          case XOR -> {
            code.lxor();
            yield Flags.LOGIC;
          }
          default -> {
            code.land();
            yield Flags.LOGIC;
          }
        };
    code.lstore(Locals.TEMP_A);
    if (memoryDestination && writes) {
      emitter.mmu();
      code.lload(Locals.TEMP_ADDRESS).lload(Locals.TEMP_A);
      emitter.store(size);
    } else if (writes) {
      code.lload(Locals.TEMP_A);
      emitter.writeRegister(insn, 0, size);
    }
    emitter.setFlags(kind | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }

  /** ADC and SBB: two kinds of flags, by the carry that came in. */
  private void withCarry(Insn insn) {
    boolean add = insn.operation == org.maloca.x86.ir.Operation.ADC;
    int log = Emitter.log2(insn.operandSize);
    emitter.readSimple(insn, 1);
    code.lstore(Locals.TEMP_B);
    emitter.pushCarry();
    code.istore(Locals.FAULT);
    emitter.readSimple(insn, 0);
    code.lload(Locals.TEMP_B);
    if (add) {
      code.ladd().iload(Locals.FAULT).i2l().ladd();
    } else {
      code.lsub().iload(Locals.FAULT).i2l().lsub();
    }
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, insn.operandSize);
    // ADD and ADD_CARRY, SUB and SUB_BORROW follow each other: kind = first + 4 * carry.
    code.iload(Locals.FAULT).loadConstant(2).ishl();
    code.loadConstant((add ? Flags.ADD : Flags.SUB) | log).iadd().istore(Locals.FLAG_KIND);
    code.lload(Locals.TEMP_A).lstore(Locals.FLAG_RESULT);
    code.lload(Locals.TEMP_B).lstore(Locals.FLAG_SOURCE);
    emitter.flagKind = Emitter.UNKNOWN;
  }

  /** Puts a changed destination's old value on the stack; its address is kept when in memory. */
  private void readForUpdate(Insn insn, int at) {
    if (insn.kind0 == OperandKind.MEMORY) {
      emitter.mark(at);
      emitter.address(insn, at);
      code.lstore(Locals.TEMP_ADDRESS);
      emitter.mmu();
      code.lload(Locals.TEMP_ADDRESS).loadConstant((int) insn.operandSize);
      code.invokevirtual(Names.MMU, "loadForUpdate", Names.LONG_INT_TO_LONG);
    } else {
      emitter.readSimple(insn, 0);
    }
  }

  /** Writes the value in TEMP_A to the destination that {@link #readForUpdate} read. */
  private void writeUpdated(Insn insn) {
    if (insn.kind0 == OperandKind.MEMORY) {
      emitter.mmu();
      code.lload(Locals.TEMP_ADDRESS).lload(Locals.TEMP_A);
      emitter.store(insn.operandSize);
    } else {
      code.lload(Locals.TEMP_A);
      emitter.writeRegister(insn, 0, insn.operandSize);
    }
  }

  private void increment(Insn insn, int at) {
    boolean up = insn.operation == org.maloca.x86.ir.Operation.INC;
    readForUpdate(insn, at);
    code.lconst_1();
    if (up) {
      code.ladd();
    } else {
      code.lsub();
    }
    code.lstore(Locals.TEMP_A);
    writeUpdated(insn);
    emitter.pushCarry();
    code.i2l().lstore(Locals.TEMP_B);
    emitter.setFlags(
        (up ? Flags.INC : Flags.DEC) | Emitter.log2(insn.operandSize),
        Locals.TEMP_A,
        Locals.TEMP_B);
  }

  private void negate(Insn insn, int at) {
    readForUpdate(insn, at);
    code.lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_B).lneg().lstore(Locals.TEMP_A);
    writeUpdated(insn);
    emitter.setFlags(Flags.SUB | Emitter.log2(insn.operandSize), Locals.TEMP_A, Locals.TEMP_B);
  }

  private void complement(Insn insn, int at) {
    readForUpdate(insn, at);
    code.loadConstant(-1L).lxor().lstore(Locals.TEMP_A);
    writeUpdated(insn);
  }

  private static int maskedCount(Insn insn) {
    return (int) insn.immediate & (insn.operandSize == 8 ? 63 : 31);
  }

  private void shift(Insn insn) {
    int count = maskedCount(insn);
    int top = insn.operandSize * 8 - 1;
    emitter.readGuest(insn.register0);
    if (count == 0) {
      emitter.writeGuest(insn.register0, insn.operandSize);
      return;
    }
    switch (insn.operation) {
      case SHL -> {
        code.lstore(Locals.TEMP_B);
        code.lload(Locals.TEMP_B).loadConstant(count).lshl().lstore(Locals.TEMP_A);
        // CF at bit 0 of TEMP_B, OF (CF xor sign) at bit 11, AF as hardware leaves it.
        code.lload(Locals.TEMP_B).loadConstant(top - count + 1).lushr().lconst_1().land();
        code.lstore(Locals.TEMP_B);
        code.lload(Locals.TEMP_A).loadConstant(top).lushr().lconst_1().land();
        code.lload(Locals.TEMP_B).lxor().loadConstant(11).lshl();
      }
      case SHR -> {
        if (top == 31) {
          code.loadConstant(0xffff_ffffL).land();
        }
        code.lstore(Locals.TEMP_B);
        code.lload(Locals.TEMP_B).loadConstant(count).lushr().lstore(Locals.TEMP_A);
        code.lload(Locals.TEMP_B).loadConstant(count - 1).lushr().lconst_1().land();
        code.lstore(Locals.TEMP_B);
        code.lload(Locals.TEMP_A).loadConstant(top - 1).lushr().lconst_1().land();
        code.loadConstant(11).lshl();
      }
      default -> {
        if (top == 31) {
          code.l2i().i2l();
        }
        code.lstore(Locals.TEMP_B);
        code.lload(Locals.TEMP_B).loadConstant(count).lshr().lstore(Locals.TEMP_A);
        code.lload(Locals.TEMP_B).loadConstant(count - 1).lshr().lconst_1().land();
        code.lstore(Locals.TEMP_B);
        code.lconst_0();
      }
    }
    code.lload(Locals.TEMP_B).lor().loadConstant((long) Flags.AF).lor().lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_A);
    emitter.writeGuest(insn.register0, insn.operandSize);
    emitter.setFlags(
        Flags.RESULT_AND_CARRIES | Emitter.log2(insn.operandSize), Locals.TEMP_A, Locals.TEMP_B);
  }

  private void rotate(Insn insn) {
    int bits = insn.operandSize * 8;
    int count = maskedCount(insn);
    boolean left = insn.operation == org.maloca.x86.ir.Operation.ROL;
    emitter.readGuest(insn.register0);
    if (count == 0) {
      emitter.writeGuest(insn.register0, insn.operandSize);
      return;
    }
    int leftCount = left ? count : bits - count;
    code.lstore(Locals.TEMP_B);
    if (bits == 64) {
      code.lload(Locals.TEMP_B).loadConstant(leftCount).lshl();
      code.lload(Locals.TEMP_B).loadConstant(64 - leftCount).lushr().lor();
    } else {
      code.lload(Locals.TEMP_B).l2i().loadConstant(leftCount).ishl();
      code.lload(Locals.TEMP_B).l2i().loadConstant(32 - leftCount).iushr().ior();
      code.i2l().loadConstant(0xffff_ffffL).land();
    }
    code.lstore(Locals.TEMP_A);
    emitter.pushFlags();
    // ROL: CF is bit 0, OF is CF xor the top bit. ROR: CF is the top bit, OF the two top bits' xor.
    bit(left ? 0 : bits - 1);
    bit(bits - 1);
    bit(left ? 0 : bits - 2);
    code.ixor();
    code.invokestatic(Names.RUNTIME, "afterRotate", Names.AFTER_ROTATE);
    emitter.setKnownFlags();
    code.lload(Locals.TEMP_A).lstore(Locals.guest(insn.register0));
  }

  /** Pushes a bit of TEMP_A as an int. */
  private void bit(int number) {
    code.lload(Locals.TEMP_A).loadConstant(number).lushr().l2i().iconst_1().iand();
  }

  private void multiply(Insn insn, int at) {
    int size = insn.operandSize;
    boolean three = insn.kind2 != OperandKind.NONE;
    emitter.read(insn, 1, size, at);
    code.lstore(Locals.TEMP_A);
    if (three) {
      code.loadConstant(insn.immediate);
    } else {
      emitter.readGuest(insn.register0);
    }
    code.lstore(Locals.TEMP_B);
    if (size == 8) {
      emitter.pushFlags();
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
      code.invokestatic(Names.RUNTIME, "overflows64", Names.LONG_LONG_TO_BOOLEAN);
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B).lmul();
      code.lstore(Locals.guest(insn.register0));
    } else {
      code.lload(Locals.TEMP_A).l2i().i2l().lload(Locals.TEMP_B).l2i().i2l().lmul();
      code.lstore(Locals.TEMP_A);
      emitter.pushFlags();
      // Overflow: the product is not its own low half sign-extended.
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_A).l2i().i2l().lcmp();
      code.dup().imul();
      code.lload(Locals.TEMP_A);
      emitter.writeGuest(insn.register0, 4);
    }
    code.invokestatic(Names.RUNTIME, "afterMultiply", Names.AFTER_MULTIPLY);
    emitter.setKnownFlags();
  }

  private void signExtendAccumulator(Insn insn) {
    emitter.readGuest(0);
    int shift = 64 - 4 * insn.operandSize;
    code.loadConstant(shift).lshl().loadConstant(shift).lshr();
    emitter.writeGuest(0, insn.operandSize);
  }

  private void signIntoData(Insn insn) {
    emitter.readGuest(0);
    code.loadConstant(64 - 8 * insn.operandSize).lshl().loadConstant(63).lshr();
    emitter.writeGuest(2, insn.operandSize);
  }

  private void swapBytes(Insn insn) {
    emitter.readGuest(insn.register0);
    code.invokestatic(Names.LONG_CLASS, "reverseBytes", Names.LONG_TO_LONG);
    if (insn.operandSize == 4) {
      code.loadConstant(32).lushr();
    }
    code.lstore(Locals.guest(insn.register0));
  }

  private void exchange(Insn insn) {
    emitter.readSimple(insn, 0);
    emitter.readSimple(insn, 1);
    code.lstore(Locals.TEMP_B).lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_B);
    emitter.writeRegister(insn, 0, insn.operandSize);
    code.lload(Locals.TEMP_A);
    emitter.writeRegister(insn, 1, insn.operandSize);
  }

  private void setCondition(Insn insn, int at) {
    Label holds = code.newLabel();
    Label done = code.newLabel();
    emitter.branchIf(insn.condition, holds);
    code.lconst_0().goto_(done).labelBinding(holds).lconst_1().labelBinding(done);
    if (insn.kind0 == OperandKind.MEMORY) {
      code.lstore(Locals.TEMP_A);
      emitter.mark(at);
      emitter.mmu();
      emitter.address(insn, at);
      code.lload(Locals.TEMP_A);
      emitter.store(1);
    } else {
      emitter.writeRegister(insn, 0, 1);
    }
  }

  private void conditionalMove(Insn insn, int at) {
    Label holds = code.newLabel();
    Label done = code.newLabel();
    emitter.read(insn, 1, insn.operandSize, at);
    code.lstore(Locals.TEMP_A);
    emitter.branchIf(insn.condition, holds);
    emitter.readGuest(insn.register0);
    code.goto_(done).labelBinding(holds).lload(Locals.TEMP_A).labelBinding(done);
    emitter.writeGuest(insn.register0, insn.operandSize);
  }
}
