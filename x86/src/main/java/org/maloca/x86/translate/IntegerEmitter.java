package org.maloca.x86.translate;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Bytecode for integer instructions. What it does not know is left to handlers. */
final class IntegerEmitter extends ConditionEmitter {
  IntegerEmitter(CodeBuilder code, boolean wide) {
    super(code, wide);
  }

  /** Whether {@link #emit} can emit an instruction. */
  boolean knows(Insn insn) {
    if (insn.lock || insn.hasMemory() && !hasPlainAddress(insn)) {
      return false;
    }
    OperandKind first = insn.kind0;
    return switch (insn.operation) {
      case MOV, ADD, SUB, AND, OR, XOR, CMP, TEST ->
          (isRegister(first) || first == OperandKind.MEMORY)
              && (isSimple(insn.kind1) || insn.kind1 == OperandKind.MEMORY);
      case ADC, SBB -> isRegister(first) && insn.operandSize >= 4 && isSimple(insn.kind1);
      case MOVZX, MOVSX, MOVSXD -> insn.operandSize >= 4;
      case LEA, INC, DEC, NEG, NOT, CBW, CWD, NOP, SETCC -> true;
      case CMOVCC -> insn.operandSize >= 4;
      case SHL, SHR, SAR ->
          insn.kind1 == OperandKind.IMMEDIATE && first == OperandKind.GPR && insn.operandSize >= 4;
      case ROL, ROR ->
          insn.kind1 == OperandKind.IMMEDIATE && first == OperandKind.GPR && insn.operandSize >= 4;
      case IMUL -> insn.operandSize >= 4;
      case BSWAP -> insn.operandSize >= 4;
      case XCHG -> isRegister(first) && isRegister(insn.kind1);
      case PUSH, POP ->
          wide
              && insn.operandSize == 8
              && (first == OperandKind.GPR || first == OperandKind.IMMEDIATE);
      case LEAVE -> wide && insn.operandSize == 8;
      default -> false;
    };
  }

  /** Emits an instruction that does not end its block. */
  void emit(Insn insn, int at) {
    switch (insn.operation) {
      case MOV -> move(insn, at);
      case LEA -> {
        offset(insn, at);
        writeGuest(insn.register0, insn.operandSize);
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
      case PUSH -> push(insn, at);
      case POP -> pop(insn, at);
      case LEAVE -> leave(at);
      case SETCC -> setCondition(insn, at);
      case CMOVCC -> conditionalMove(insn, at);
      default -> {}
    }
  }

  private void move(Insn insn, int at) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.MEMORY) {
      mark(at);
      mmu();
      address(insn, at);
      readSimple(insn, 1);
      store(size);
    } else {
      read(insn, 1, size, at);
      writeRegister(insn, 0, size);
    }
  }

  private void extend(Insn insn, int at) {
    int from = insn.sourceSize;
    read(insn, 1, from, at);
    if (insn.operation == org.maloca.x86.ir.Operation.MOVZX) {
      code.loadConstant(from == 1 ? 0xffL : 0xffffL).land();
    } else {
      int shift = 64 - 8 * from;
      code.loadConstant(shift).lshl().loadConstant(shift).lshr();
    }
    writeGuest(insn.register0, insn.operandSize);
  }

  private void binary(Insn insn, int at) {
    int size = insn.operandSize;
    boolean memoryDestination = insn.kind0 == OperandKind.MEMORY;
    boolean writes =
        switch (insn.operation) {
          case CMP, TEST -> false;
          default -> true;
        };
    read(insn, 1, size, at);
    code.lstore(Locals.TEMP_B);
    if (memoryDestination && writes) {
      mark(at);
      address(insn, at);
      code.lstore(Locals.TEMP_ADDRESS);
      mmu();
      code.lload(Locals.TEMP_ADDRESS).loadConstant(size);
      code.invokevirtual(Names.MMU, "loadForUpdate", Names.LONG_INT_TO_LONG);
    } else {
      read(insn, 0, size, at);
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
      mmu();
      code.lload(Locals.TEMP_ADDRESS).lload(Locals.TEMP_A);
      store(size);
    } else if (writes) {
      code.lload(Locals.TEMP_A);
      writeRegister(insn, 0, size);
    }
    setFlags(kind | log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }

  /** ADC and SBB: two kinds of flags, by the carry that came in. */
  private void withCarry(Insn insn) {
    boolean add = insn.operation == org.maloca.x86.ir.Operation.ADC;
    int log = log2(insn.operandSize);
    readSimple(insn, 1);
    code.lstore(Locals.TEMP_B);
    pushCarry();
    code.istore(Locals.FAULT);
    readSimple(insn, 0);
    code.lload(Locals.TEMP_B);
    if (add) {
      code.ladd().iload(Locals.FAULT).i2l().ladd();
    } else {
      code.lsub().iload(Locals.FAULT).i2l().lsub();
    }
    code.lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_A);
    writeGuest(insn.register0, insn.operandSize);
    // ADD and ADD_CARRY, SUB and SUB_BORROW follow each other: kind = first + 4 * carry.
    code.iload(Locals.FAULT).loadConstant(2).ishl();
    code.loadConstant((add ? Flags.ADD : Flags.SUB) | log).iadd().istore(Locals.FLAG_KIND);
    code.lload(Locals.TEMP_A).lstore(Locals.FLAG_RESULT);
    code.lload(Locals.TEMP_B).lstore(Locals.FLAG_SOURCE);
    flagKind = UNKNOWN;
  }

  /** Puts a changed destination's old value on the stack; its address is kept when in memory. */
  private void readForUpdate(Insn insn, int at) {
    if (insn.kind0 == OperandKind.MEMORY) {
      mark(at);
      address(insn, at);
      code.lstore(Locals.TEMP_ADDRESS);
      mmu();
      code.lload(Locals.TEMP_ADDRESS).loadConstant((int) insn.operandSize);
      code.invokevirtual(Names.MMU, "loadForUpdate", Names.LONG_INT_TO_LONG);
    } else {
      readSimple(insn, 0);
    }
  }

  /** Writes the value in TEMP_A to the destination that {@link #readForUpdate} read. */
  private void writeUpdated(Insn insn) {
    if (insn.kind0 == OperandKind.MEMORY) {
      mmu();
      code.lload(Locals.TEMP_ADDRESS).lload(Locals.TEMP_A);
      store(insn.operandSize);
    } else {
      code.lload(Locals.TEMP_A);
      writeRegister(insn, 0, insn.operandSize);
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
    pushCarry();
    code.i2l().lstore(Locals.TEMP_B);
    setFlags((up ? Flags.INC : Flags.DEC) | log2(insn.operandSize), Locals.TEMP_A, Locals.TEMP_B);
  }

  private void negate(Insn insn, int at) {
    readForUpdate(insn, at);
    code.lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_B).lneg().lstore(Locals.TEMP_A);
    writeUpdated(insn);
    setFlags(Flags.SUB | log2(insn.operandSize), Locals.TEMP_A, Locals.TEMP_B);
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
    readGuest(insn.register0);
    if (count == 0) {
      writeGuest(insn.register0, insn.operandSize);
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
    writeGuest(insn.register0, insn.operandSize);
    setFlags(Flags.RESULT_AND_CARRIES | log2(insn.operandSize), Locals.TEMP_A, Locals.TEMP_B);
  }

  private void rotate(Insn insn) {
    int bits = insn.operandSize * 8;
    int count = maskedCount(insn);
    boolean left = insn.operation == org.maloca.x86.ir.Operation.ROL;
    readGuest(insn.register0);
    if (count == 0) {
      writeGuest(insn.register0, insn.operandSize);
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
    pushFlags();
    // ROL: CF is bit 0, OF is CF xor the top bit. ROR: CF is the top bit, OF the two top bits' xor.
    bit(left ? 0 : bits - 1);
    bit(bits - 1);
    bit(left ? 0 : bits - 2);
    code.ixor();
    code.invokestatic(Names.RUNTIME, "afterRotate", Names.AFTER_ROTATE);
    setKnownFlags();
    code.lload(Locals.TEMP_A).lstore(Locals.guest(insn.register0));
  }

  /** Pushes a bit of TEMP_A as an int. */
  private void bit(int number) {
    code.lload(Locals.TEMP_A).loadConstant(number).lushr().l2i().iconst_1().iand();
  }

  private void multiply(Insn insn, int at) {
    int size = insn.operandSize;
    boolean three = insn.kind2 != OperandKind.NONE;
    read(insn, 1, size, at);
    code.lstore(Locals.TEMP_A);
    if (three) {
      code.loadConstant(insn.immediate);
    } else {
      readGuest(insn.register0);
    }
    code.lstore(Locals.TEMP_B);
    if (size == 8) {
      pushFlags();
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B);
      code.invokestatic(Names.RUNTIME, "overflows64", Names.LONG_LONG_TO_BOOLEAN);
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_B).lmul();
      code.lstore(Locals.guest(insn.register0));
    } else {
      code.lload(Locals.TEMP_A).l2i().i2l().lload(Locals.TEMP_B).l2i().i2l().lmul();
      code.lstore(Locals.TEMP_A);
      pushFlags();
      // Overflow: the product is not its own low half sign-extended.
      code.lload(Locals.TEMP_A).lload(Locals.TEMP_A).l2i().i2l().lcmp();
      code.dup().imul();
      code.lload(Locals.TEMP_A);
      writeGuest(insn.register0, 4);
    }
    code.invokestatic(Names.RUNTIME, "afterMultiply", Names.AFTER_MULTIPLY);
    setKnownFlags();
  }

  private void signExtendAccumulator(Insn insn) {
    readGuest(0);
    int shift = 64 - 4 * insn.operandSize;
    code.loadConstant(shift).lshl().loadConstant(shift).lshr();
    writeGuest(0, insn.operandSize);
  }

  private void signIntoData(Insn insn) {
    readGuest(0);
    code.loadConstant(64 - 8 * insn.operandSize).lshl().loadConstant(63).lshr();
    writeGuest(2, insn.operandSize);
  }

  private void swapBytes(Insn insn) {
    readGuest(insn.register0);
    code.invokestatic(Names.LONG_CLASS, "reverseBytes", Names.LONG_TO_LONG);
    if (insn.operandSize == 4) {
      code.loadConstant(32).lushr();
    }
    code.lstore(Locals.guest(insn.register0));
  }

  private void exchange(Insn insn) {
    readSimple(insn, 0);
    readSimple(insn, 1);
    code.lstore(Locals.TEMP_B).lstore(Locals.TEMP_A);
    code.lload(Locals.TEMP_B);
    writeRegister(insn, 0, insn.operandSize);
    code.lload(Locals.TEMP_A);
    writeRegister(insn, 1, insn.operandSize);
  }

  /** Stores the value in TEMP_A below the stack pointer, which then moves. */
  void pushTemp(int at) {
    readGuest(4);
    code.loadConstant(8L).lsub().lstore(Locals.TEMP_ADDRESS);
    mark(at);
    mmu();
    stackAddress();
    code.lload(Locals.TEMP_A);
    store(8);
    code.lload(Locals.TEMP_ADDRESS).lstore(Locals.guest(4));
  }

  /** Pushes TEMP_ADDRESS, checked. */
  void stackAddress() {
    code.aload(Locals.CPU).lload(Locals.TEMP_ADDRESS);
    code.invokestatic(Names.RUNTIME, "stack", Names.CPU_LONG_TO_LONG);
  }

  private void push(Insn insn, int at) {
    readSimple(insn, 0);
    code.lstore(Locals.TEMP_A);
    pushTemp(at);
  }

  /** Leaves what is at the top of the stack in TEMP_A; TEMP_ADDRESS is the stack pointer. */
  void peekStack(int at) {
    readGuest(4);
    code.lstore(Locals.TEMP_ADDRESS);
    mark(at);
    mmu();
    stackAddress();
    load(8);
    code.lstore(Locals.TEMP_A);
  }

  private void pop(Insn insn, int at) {
    peekStack(at);
    code.lload(Locals.TEMP_ADDRESS).loadConstant(8L).ladd().lstore(Locals.guest(4));
    code.lload(Locals.TEMP_A).lstore(Locals.guest(insn.register0));
  }

  private void leave(int at) {
    readGuest(5);
    code.lstore(Locals.TEMP_ADDRESS);
    mark(at);
    mmu();
    stackAddress();
    load(8);
    code.lstore(Locals.guest(5));
    code.lload(Locals.TEMP_ADDRESS).loadConstant(8L).ladd().lstore(Locals.guest(4));
  }

  private void setCondition(Insn insn, int at) {
    Label holds = code.newLabel();
    Label done = code.newLabel();
    branchIf(insn.condition, holds);
    code.lconst_0().goto_(done).labelBinding(holds).lconst_1().labelBinding(done);
    if (insn.kind0 == OperandKind.MEMORY) {
      code.lstore(Locals.TEMP_A);
      mark(at);
      mmu();
      address(insn, at);
      code.lload(Locals.TEMP_A);
      store(1);
    } else {
      writeRegister(insn, 0, 1);
    }
  }

  private void conditionalMove(Insn insn, int at) {
    Label holds = code.newLabel();
    Label done = code.newLabel();
    read(insn, 1, insn.operandSize, at);
    code.lstore(Locals.TEMP_A);
    branchIf(insn.condition, holds);
    readGuest(insn.register0);
    code.goto_(done).labelBinding(holds).lload(Locals.TEMP_A).labelBinding(done);
    writeGuest(insn.register0, insn.operandSize);
  }
}
