package org.maloca.x86.translate;

import java.lang.classfile.CodeBuilder;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/** Bytecode for the stack in 64-bit code. */
final class StackEmitter implements InsnEmitter {
  private final Emitter emitter;
  private final CodeBuilder code;

  StackEmitter(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  @Override
  public boolean knows(Insn insn) {
    OperandKind first = insn.kind0;
    return emitter.wide
        && insn.operandSize == 8
        && switch (insn.operation) {
          case PUSH, POP -> first == OperandKind.GPR || first == OperandKind.IMMEDIATE;
          case LEAVE -> true;
          default -> false;
        };
  }

  @Override
  public void emit(Insn insn, int at) {
    switch (insn.operation) {
      case PUSH -> push(insn, at);
      case POP -> pop(insn, at);
      default -> leave(at);
    }
  }

  /** Stores the value in TEMP_A below the stack pointer, which then moves. */
  void pushTemp(int at) {
    emitter.readGuest(4);
    code.loadConstant(8L).lsub().lstore(Locals.TEMP_ADDRESS);
    emitter.mark(at);
    emitter.mmu();
    stackAddress();
    code.lload(Locals.TEMP_A);
    emitter.store(8);
    code.lload(Locals.TEMP_ADDRESS).lstore(Locals.guest(4));
  }

  /** Pushes TEMP_ADDRESS, checked. */
  void stackAddress() {
    code.aload(Locals.CPU).lload(Locals.TEMP_ADDRESS);
    code.invokestatic(Names.RUNTIME, "stack", Names.CPU_LONG_TO_LONG);
  }

  private void push(Insn insn, int at) {
    emitter.readSimple(insn, 0);
    code.lstore(Locals.TEMP_A);
    pushTemp(at);
  }

  /** Leaves what is at the top of the stack in TEMP_A; TEMP_ADDRESS is the stack pointer. */
  void peekStack(int at) {
    emitter.readGuest(4);
    code.lstore(Locals.TEMP_ADDRESS);
    emitter.mark(at);
    emitter.mmu();
    stackAddress();
    emitter.load(8);
    code.lstore(Locals.TEMP_A);
  }

  private void pop(Insn insn, int at) {
    peekStack(at);
    code.lload(Locals.TEMP_ADDRESS).loadConstant(8L).ladd().lstore(Locals.guest(4));
    code.lload(Locals.TEMP_A).lstore(Locals.guest(insn.register0));
  }

  private void leave(int at) {
    emitter.readGuest(5);
    code.lstore(Locals.TEMP_ADDRESS);
    emitter.mark(at);
    emitter.mmu();
    stackAddress();
    emitter.load(8);
    code.lstore(Locals.guest(5));
    code.lload(Locals.TEMP_ADDRESS).loadConstant(8L).ladd().lstore(Locals.guest(4));
  }
}
