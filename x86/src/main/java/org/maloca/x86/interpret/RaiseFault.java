package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;

/** Stands for an instruction that cannot even be decoded: raises a fault with error code 0. */
public final class RaiseFault extends Op {
  private final int vector;

  public RaiseFault(int vector) {
    this.vector = vector;
  }

  @Override
  public void execute(Cpu cpu) {
    throw cpu.fault(vector, 0);
  }
}
