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
      Mmx.apply(cpu, insn, (a, b) -> pick(a, a, b));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    long low = xmm[d];
    long high = xmm[d + 1];
    long highSelectors = xmm[s + 1];
    xmm[d] = pick(low, high, xmm[s]);
    xmm[d + 1] = pick(low, high, highSelectors);
  }

  private static long pick(long low, long high, long selectors) {
    long result = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      int selector = (int) (selectors >>> shift);
      long from = (selector & 8) == 0 ? low : high;
      result |= (from >>> ((selector & 7) << 3) & 0xff) << shift;
    }
    return result & ~Swar.fill(selectors & Swar.BYTES, Swar.BYTES);
  }
}
