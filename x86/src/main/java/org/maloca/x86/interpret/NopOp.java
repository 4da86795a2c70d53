package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;

/** Does nothing. */
final class NopOp extends Op {
  static final NopOp INSTANCE = new NopOp();

  private NopOp() {}

  @Override
  public void execute(Cpu cpu) {}
}
