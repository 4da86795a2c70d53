package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;

/** Executes an instruction by its operation's reference behaviour. */
final class HandlerOp extends Op {
  private final InsnHandler handler;
  private final Insn insn;

  HandlerOp(InsnHandler handler, Insn insn) {
    this.handler = handler;
    this.insn = insn;
  }

  @Override
  public void execute(Cpu cpu) {
    handler.execute(cpu, insn);
  }
}
