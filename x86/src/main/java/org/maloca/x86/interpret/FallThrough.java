package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;

/** Ends a block that no control transfer ended: execution goes on behind it. */
public final class FallThrough extends Op {
  public static final FallThrough IN_64_BIT_CODE = new FallThrough(-1L);
  public static final FallThrough ELSEWHERE = new FallThrough(0xffff_ffffL);

  private final long mask;

  private FallThrough(long mask) {
    this.mask = mask;
  }

  @Override
  public void execute(Cpu cpu) {
    cpu.rip = cpu.blockNext & mask;
  }
}
