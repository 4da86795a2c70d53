package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Bytecode for integer instructions. What it does not know is left to handlers. */
final class IntegerEmitter implements InsnEmitter {
  private final Emitter emitter;
  private final MethodCode code;
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
    boolean toRegister = Emitter.isRegister(first);
    return switch (insn.operation) {
      case MOV, MOVNTI, ADD, SUB, AND, OR, XOR, CMP, TEST, ADC, SBB ->
          (toRegister || first == OperandKind.MEMORY)
              && (Emitter.isSimple(insn.kind1) || insn.kind1 == OperandKind.MEMORY);
      case MOVZX, MOVSX, MOVSXD, LEA, INC, DEC, NEG, NOT, CBW, CWD, NOP, SETCC, CMOVCC -> true;
      case BSWAP, MOVBE -> true;
      case XCHG -> toRegister && Emitter.isRegister(insn.kind1);
      case XLAT -> insn.segment < 4 && (wide || insn.addressSize == 4);
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case MOV, MOVNTI -> move(insn, at);
      case LEA -> {
        emitter.offset(insn, at);
        emitter.writeGuest(insn.register0, insn.operandSize);
      }
      case MOVZX, MOVSX, MOVSXD -> extend(insn, at);
      case ADD, SUB, AND, OR, XOR -> binary(insn, at);
      case CMP, TEST -> compare(insn, at);
      case ADC, SBB -> withCarry(insn, at);
      case INC, DEC -> increment(insn, at);
      case NEG -> negate(insn, at);
      case NOT -> complement(insn, at);
      case CBW -> signExtendAccumulator(insn);
      case CWD -> signIntoData(insn);
      case BSWAP -> swapBytes(insn);
      case MOVBE -> moveSwapped(insn, at);
      case XLAT -> translateByte(insn, at);
      case XCHG -> exchange(insn);
      case SETCC -> setCondition(insn, at);
      case CMOVCC -> conditionalMove(insn, at);
      default -> {}
    }
  }

  private void move(Insn insn, int at) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.MEMORY) {
      emitter.storeOperand(insn, size, at, () -> emitter.readSimple(insn, 1));
    } else {
      emitter.read(insn, 1, size, at);
      if (size == 4 && insn.kind1 == OperandKind.MEMORY) {
        emitter.storeGuest(insn.register0);
      } else {
        emitter.writeRegister(insn, 0, size);
      }
    }
  }

  private void extend(Insn insn, int at) {
    int from = insn.sourceSize;
    emitter.read(insn, 1, from, at);
    if (insn.operation != Operation.MOVZX) {
      emitter.signExtend(from);
      emitter.writeGuest(insn.register0, insn.operandSize);
      return;
    }
    if (insn.kind1 != OperandKind.MEMORY) {
      emitter.zeroExtend(from);
    }
    if (insn.operandSize >= 4) {
      emitter.storeGuest(insn.register0);
    } else {
      emitter.writeGuest(insn.register0, insn.operandSize);
    }
  }

  private void binary(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.read(insn, 1, size, at);
    code.lstore(Locals.TEMP_B);
    emitter.readForUpdate(insn, at);
    code.lload(Locals.TEMP_B);
    int kind =
        switch (insn.operation) {
          case ADD -> {
            code.ladd();
            yield Flags.ADD;
          }
          case SUB -> {
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
    emitter.writeUpdated(insn, Locals.TEMP_A);
    emitter.setFlags(kind | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }

  /** CMP and TEST: leaves the operands as they are, for whoever asks for flags. */
  private void compare(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.read(insn, 1, size, at);
    code.lstore(Locals.TEMP_B);
    emitter.read(insn, 0, size, at);
    code.lstore(Locals.TEMP_A);
    int kind = insn.operation == Operation.CMP ? Flags.COMPARE : testOf(insn);
    emitter.setFlags(kind | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }

  /** Of a register with itself the result is known. */
  private static int testOf(Insn insn) {
    boolean isOneRegister =
        insn.kind0 == OperandKind.GPR
            && insn.kind1 == OperandKind.GPR
            && insn.register0 == insn.register1;
    return isOneRegister ? Flags.LOGIC : Flags.TEST;
  }

  /** ADC and SBB: two kinds of flags, by the carry that came in. */
  private void withCarry(Insn insn, int at) {
    boolean add = insn.operation == Operation.ADC;
    int size = insn.operandSize;
    emitter.read(insn, 1, size, at);
    code.lstore(Locals.TEMP_B);
    emitter.pushCarry();
    code.istore(Locals.FAULT);
    emitter.readForUpdate(insn, at);
    code.lload(Locals.TEMP_B);
    if (add) {
      code.ladd().iload(Locals.FAULT).i2l().ladd();
    } else {
      code.lsub().iload(Locals.FAULT).i2l().lsub();
    }
    code.lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    int kind = (add ? Flags.ADD : Flags.SUB) | Emitter.log2(size);
    emitter.flags.setWithCarry(kind, Locals.FAULT, Locals.TEMP_A, Locals.TEMP_B);
  }

  private void increment(Insn insn, int at) {
    boolean up = insn.operation == Operation.INC;
    emitter.readForUpdate(insn, at);
    code.lconst_1();
    if (up) {
      code.ladd();
    } else {
      code.lsub();
    }
    code.lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    if (emitter.isLive(Flags.CF)) {
      emitter.pushCarry();
      code.i2l();
    } else {
      code.lconst_0();
    }
    code.lstore(Locals.TEMP_B);
    emitter.setFlags(
        (up ? Flags.INC : Flags.DEC) | Emitter.log2(insn.operandSize),
        Locals.TEMP_A,
        Locals.TEMP_B);
  }

  private void negate(Insn insn, int at) {
    emitter.readForUpdate(insn, at);
    code.lstore(Locals.TEMP_B);
    code.lload(Locals.TEMP_B).lneg().lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
    emitter.setFlags(Flags.SUB | Emitter.log2(insn.operandSize), Locals.TEMP_A, Locals.TEMP_B);
  }

  private void complement(Insn insn, int at) {
    emitter.readForUpdate(insn, at);
    code.loadConstant(-1L).lxor().lstore(Locals.TEMP_A);
    emitter.writeUpdated(insn, Locals.TEMP_A);
  }

  private void signExtendAccumulator(Insn insn) {
    emitter.readGuest(0);
    emitter.signExtend(insn.operandSize / 2);
    emitter.writeGuest(0, insn.operandSize);
  }

  private void signIntoData(Insn insn) {
    emitter.readGuest(0);
    code.loadConstant(64 - 8 * insn.operandSize).lshl().loadConstant(63).lshr();
    emitter.writeGuest(2, insn.operandSize);
  }

  /** Of 16 bits it is undefined; processors give 0. */
  private void swapBytes(Insn insn) {
    if (insn.operandSize == 2) {
      code.lconst_0();
    } else {
      emitter.readGuest(insn.register0);
      reverseBytes(insn.operandSize);
    }
    emitter.writeGuest(insn.register0, insn.operandSize);
  }

  /** Reverses the bytes of the value on the stack. */
  private void reverseBytes(int size) {
    code.invokestatic(Names.LONG_CLASS, "reverseBytes", Names.LONG_TO_LONG);
    if (size != 8) {
      code.loadConstant(64 - 8 * size).lushr();
    }
  }

  private void moveSwapped(Insn insn, int at) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.MEMORY) {
      emitter.storeOperand(
          insn,
          size,
          at,
          () -> {
            emitter.readSimple(insn, 1);
            reverseBytes(size);
          });
    } else {
      emitter.read(insn, 1, size, at);
      reverseBytes(size);
      emitter.writeRegister(insn, 0, size);
    }
  }

  private void translateByte(Insn insn, int at) {
    emitter.mark(at);
    emitter.mmu();
    emitter.readGuest(3);
    emitter.readGuest(0);
    code.loadConstant(0xffL).land().ladd();
    emitter.zeroExtend(insn.addressSize);
    emitter.load(1);
    emitter.writeGuest(0, 1);
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
      emitter.storeOperand(insn, 1, at, () -> code.lload(Locals.TEMP_A));
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
