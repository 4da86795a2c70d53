package org.maloca.x86.translate;

import org.maloca.x86.Flags;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Bytecode for BT, BTS, BTR and BTC, with LOCK and without. CF is laid over the other flags. */
final class BitTestEmitter implements InsnEmitter {
  private static final int FIRST_SEGMENT_WITH_BASE = 4;

  /** The bit's number in the operand, an int. */
  private static final int POSITION = Locals.FAULT;

  private final Emitter emitter;
  private final MethodCode code;

  BitTestEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    return switch (insn.operation) {
      case BT, BTS, BTR, BTC ->
          insn.kind0 != OperandKind.MEMORY
              || emitter.hasPlainAddress(insn)
                  && (insn.kind1 == OperandKind.IMMEDIATE
                      || insn.segment < FIRST_SEGMENT_WITH_BASE);
      default -> false;
    };
  }

  @Override
  public void emit(Insn insn, int at) {
    int size = insn.operandSize;
    emitter.readSimple(insn, 1);
    code.l2i().loadConstant(8 * size - 1).iand().istore(POSITION);
    if (insn.kind0 != OperandKind.MEMORY) {
      emitter.readGuest(insn.register0);
      code.lstore(Locals.TEMP_A);
      if (insn.operation != Operation.BT) {
        changed(insn.operation);
        emitter.writeGuest(insn.register0, size);
      }
    } else {
      emitter.mark(at);
      address(insn, at);
      if (insn.lock) {
        updateAtomically(insn);
      } else if (insn.operation == Operation.BT) {
        emitter.mmu();
        code.lload(Locals.TEMP_ADDRESS);
        emitter.load(size);
        code.lstore(Locals.TEMP_A);
      } else {
        emitter.loadForUpdate(size, at);
        code.lstore(Locals.TEMP_A);
        emitter.mmu();
        code.lload(Locals.TEMP_ADDRESS);
        changed(insn.operation);
        emitter.store(size);
      }
    }
    if (emitter.isLive(Flags.CF)) {
      code.lload(Locals.TEMP_A).iload(POSITION).lushr().l2i().iconst_1().iand();
      emitter.flags.overlayCarry();
    }
  }

  /** Leaves the address in TEMP_ADDRESS; a register is a signed offset into a string of bits. */
  private void address(Insn insn, int at) {
    if (insn.kind1 == OperandKind.IMMEDIATE) {
      emitter.address(insn, at);
    } else {
      int size = insn.operandSize;
      int log2Bits = 3 + Emitter.log2(size);
      emitter.readSimple(insn, 1);
      emitter.signExtend(size);
      code.loadConstant(log2Bits).lshr().loadConstant(Emitter.log2(size)).lshl();
      emitter.offset(insn, at);
      code.ladd();
      emitter.zeroExtend(insn.addressSize);
    }
    code.lstore(Locals.TEMP_ADDRESS);
  }

  /** Pushes a mask of the bit. */
  private void mask() {
    code.lconst_1().iload(POSITION).lshl();
  }

  /** Pushes TEMP_A with the bit changed. */
  private void changed(Operation operation) {
    code.lload(Locals.TEMP_A);
    mask();
    switch (operation) {
      case BTS -> code.lor();
      case BTR -> code.loadConstant(-1L).lxor().land();
      default -> code.lxor();
    }
  }

  private void updateAtomically(Insn insn) {
    emitter.mmu();
    code.lload(Locals.TEMP_ADDRESS).loadConstant((int) insn.operandSize);
    mask();
    String name =
        switch (insn.operation) {
          case BTS -> "or";
          case BTR -> {
            code.loadConstant(-1L).lxor();
            yield "and";
          }
          default -> "xor";
        };
    code.invokestatic(Names.ATOMIC, name, Names.UPDATE);
    code.lstore(Locals.TEMP_A);
  }
}
