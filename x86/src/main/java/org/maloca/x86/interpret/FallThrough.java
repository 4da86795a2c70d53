package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;

/** Ends a block that no control transfer ended: execution goes on behind it. */
public final class FallThrough extends Op {
  private final int length;
  private final long mask;

  public FallThrough(int length, boolean wide) {
    this.length = length;
    this.mask = wide ? -1L : 0xffff_ffffL;
  }

  @Override
  public void execute(Cpu cpu) {
    cpu.rip = cpu.blockRip + length & mask;
  }
}
