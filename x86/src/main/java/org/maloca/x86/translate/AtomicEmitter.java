package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.Label;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * Bytecode for LOCKed arithmetic and for XCHG with memory, XADD and CMPXCHG, LOCKed or not. Shorter
 * forms without LOCK belong to {@link IntegerEmitter}.
 */
final class AtomicEmitter implements InsnEmitter {
  private static final int RAX = 0;

  private final Emitter emitter;
  private final MethodCode code;

  AtomicEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    if (insn.hasMemory() && !emitter.hasPlainAddress(insn)) {
      return false;
    }
    return switch (insn.operation) {
      case ADD, SUB, AND, OR, XOR, INC, DEC, NOT -> insn.lock;
      case XCHG -> insn.hasMemory();
      case XADD, CMPXCHG -> true;
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case XCHG -> exchange(insn, at);
      case XADD -> exchangeAdd(insn, at);
      case CMPXCHG -> compareExchange(insn, at);
      case INC, DEC -> increment(insn, at);
      case NOT -> {
        update(insn, at, "xor", -1L);
        code.pop2();
      }
      default -> arithmetic(insn, at);
    }
  }

  /** Leaves the operand's address in TEMP_ADDRESS; faults from here on are the instruction's. */
  private void addressOf(Insn insn, int at) {
    emitter.mark(at);
    emitter.address(insn, at);
    code.lstore(Locals.TEMP_ADDRESS);
  }

  /** Updates memory with the value in TEMP_B, pushing what was there. */
  private void update(Insn insn, int at, String name) {
    addressOf(insn, at);
    emitter.mmu();
    code.lload(Locals.TEMP_ADDRESS).loadConstant((int) insn.operandSize).lload(Locals.TEMP_B);
    code.invokestatic(Names.ATOMIC, name, Names.UPDATE);
  }

  private void update(Insn insn, int at, String name, long value) {
    code.loadConstant(value).lstore(Locals.TEMP_B);
    update(insn, at, name);
  }

  private void arithmetic(Insn insn, int at) {
    int log = Emitter.log2(insn.operandSize);
    emitter.readSimple(insn, 1);
    if (insn.operation == Operation.SUB) {
      code.lneg();
    }
    code.lstore(Locals.TEMP_B);
    switch (insn.operation) {
      case ADD, SUB -> {
        update(insn, at, "add");
        code.lload(Locals.TEMP_B).ladd().lstore(Locals.TEMP_A);
      }
      case AND -> {
        update(insn, at, "and");
        code.lload(Locals.TEMP_B).land().lstore(Locals.TEMP_A);
      }
      case OR -> {
        update(insn, at, "or");
        code.lload(Locals.TEMP_B).lor().lstore(Locals.TEMP_A);
      }
      default -> {
        update(insn, at, "xor");
        code.lload(Locals.TEMP_B).lxor().lstore(Locals.TEMP_A);
      }
    }
    switch (insn.operation) {
      case ADD -> emitter.setFlags(Flags.ADD | log, Locals.TEMP_A, Locals.TEMP_B);
      case SUB -> {
        code.lload(Locals.TEMP_B).lneg().lstore(Locals.TEMP_B);
        emitter.setFlags(Flags.SUB | log, Locals.TEMP_A, Locals.TEMP_B);
      }
      default -> emitter.setFlags(Flags.LOGIC | log, Locals.TEMP_A, Locals.TEMP_B);
    }
  }

  private void increment(Insn insn, int at) {
    boolean up = insn.operation == Operation.INC;
    update(insn, at, "add", up ? 1 : -1);
    code.lload(Locals.TEMP_B).ladd().lstore(Locals.TEMP_A);
    if (!emitter.isLive(Flags.ARITHMETIC)) {
      return;
    }
    emitter.pushCarry();
    code.i2l().lstore(Locals.TEMP_B);
    int kind = (up ? Flags.INC : Flags.DEC) | Emitter.log2(insn.operandSize);
    emitter.setFlags(kind, Locals.TEMP_A, Locals.TEMP_B);
  }

  /** Atomic, LOCK or not; the decoder may have either operand be the memory. */
  private void exchange(Insn insn, int at) {
    int register = insn.kind0 == OperandKind.MEMORY ? 1 : 0;
    emitter.readSimple(insn, register);
    code.lstore(Locals.TEMP_B);
    update(insn, at, "exchange");
    emitter.writeRegister(insn, register, insn.operandSize);
  }

  private void exchangeAdd(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.readSimple(insn, 1);
    code.lstore(Locals.TEMP_B);
    if (insn.kind0 != OperandKind.MEMORY) {
      emitter.readSimple(insn, 0);
      code.lstore(Locals.TEMP_C);
    } else if (insn.lock) {
      update(insn, at, "add");
      code.lstore(Locals.TEMP_C);
    } else {
      addressOf(insn, at);
      emitter.loadForUpdate(size, at);
      code.lstore(Locals.TEMP_C);
    }
    code.lload(Locals.TEMP_C).lload(Locals.TEMP_B).ladd().lstore(Locals.TEMP_A);
    if (insn.kind0 == OperandKind.MEMORY && !insn.lock) {
      emitter.mmu();
      code.lload(Locals.TEMP_ADDRESS).lload(Locals.TEMP_A);
      emitter.store(size);
    }
    code.lload(Locals.TEMP_C);
    emitter.writeRegister(insn, 1, size);
    if (insn.kind0 != OperandKind.MEMORY) {
      // The sum comes last: it is what remains when both operands are one register.
      code.lload(Locals.TEMP_A);
      emitter.writeRegister(insn, 0, size);
    }
    emitter.setFlags(Flags.ADD | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_B);
  }

  private void compareExchange(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.readGuest(RAX);
    emitter.zeroExtend(size);
    code.lstore(Locals.TEMP_B);
    emitter.readSimple(insn, 1);
    code.lstore(Locals.TEMP_A);
    if (insn.kind0 == OperandKind.MEMORY) {
      addressOf(insn, at);
      exchangeInMemory(insn, at);
    } else {
      emitter.readSimple(insn, 0);
      emitter.zeroExtend(size);
    }
    code.lstore(Locals.TEMP_C);
    Label equal = code.newLabel();
    Label done = code.newLabel();
    code.lload(Locals.TEMP_C).lload(Locals.TEMP_B).lcmp().ifeq(equal);
    code.lload(Locals.TEMP_C);
    emitter.writeGuest(RAX, size);
    if (insn.kind0 == OperandKind.MEMORY) {
      code.labelBinding(equal);
    } else {
      code.goto_(done).labelBinding(equal);
      code.lload(Locals.TEMP_A);
      emitter.writeRegister(insn, 0, size);
      code.labelBinding(done);
    }
    code.lload(Locals.TEMP_B).lload(Locals.TEMP_C).lsub().lstore(Locals.TEMP_A);
    emitter.setFlags(Flags.SUB | Emitter.log2(size), Locals.TEMP_A, Locals.TEMP_C);
  }

  /** Pushes what was in memory. It is written in any case, as hardware does. */
  private void exchangeInMemory(Insn insn, int at) {
    int size = insn.operandSize;
    if (insn.lock) {
      emitter.mmu();
      code.lload(Locals.TEMP_ADDRESS).loadConstant(size);
      code.lload(Locals.TEMP_B).lload(Locals.TEMP_A);
      code.invokevirtual(Names.MMU, "compareExchange", Names.COMPARE_EXCHANGE);
      return;
    }
    Label equal = code.newLabel();
    Label done = code.newLabel();
    emitter.loadForUpdate(size, at);
    code.lstore(Locals.TEMP_C);
    emitter.mmu();
    code.lload(Locals.TEMP_ADDRESS);
    code.lload(Locals.TEMP_C).lload(Locals.TEMP_B).lcmp().ifeq(equal);
    code.lload(Locals.TEMP_C).goto_(done).labelBinding(equal);
    code.lload(Locals.TEMP_A).labelBinding(done);
    emitter.store(size);
    code.lload(Locals.TEMP_C);
  }
}
