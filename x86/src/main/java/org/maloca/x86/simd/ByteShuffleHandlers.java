package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** PSHUFB: bytes of the destination picked by the source's bytes. */
final class ByteShuffleHandlers {
  private ByteShuffleHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PSHUFB, ByteShuffleHandlers::pshufb);
  }

  private static void pshufb(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      // The third selector bit is ignored: both halves are the register.
      Mmx.apply(cpu, insn, (a, b) -> Permutation.pick(a, a, b));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    long low = xmm[d];
    long high = xmm[d + 1];
    long highSelectors = xmm[s + 1];
    xmm[d] = Permutation.pick(low, high, xmm[s]);
    xmm[d + 1] = Permutation.pick(low, high, highSelectors);
  }
}
