package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;

/**
 * One instruction in the form that the interpreter executes: an object with its operands resolved
 * into fields. The hottest forms have a class of their own; every other instruction is a {@link
 * HandlerOp}.
 */
public abstract class Op {
  /** Stands in every place of an invalidated block: the engine looks the code up again. */
  public static final Op LEAVE_BLOCK =
      new Op() {
        @Override
        public void execute(Cpu cpu) {
          throw cpu.restart();
        }
      };

  /** Executes; a {@link org.maloca.x86.GuestFault} leaves RIP to the engine. */
  public abstract void execute(Cpu cpu);
}
