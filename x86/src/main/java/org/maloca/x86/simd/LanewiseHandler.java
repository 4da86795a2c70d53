package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;

/** Executes a two-operand instruction whose 64-bit halves do not depend on each other. */
final class LanewiseHandler implements InsnHandler {
  private final LaneOperation operation;

  LanewiseHandler(LaneOperation operation) {
    this.operation = operation;
  }

  @Override
  public void execute(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, operation);
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = operation.apply(xmm[d], xmm[s]);
    xmm[d + 1] = operation.apply(xmm[d + 1], xmm[s + 1]);
  }
}
