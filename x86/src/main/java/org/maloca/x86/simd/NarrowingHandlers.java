package org.maloca.x86.simd;

import static org.maloca.x86.simd.Swar.w0;
import static org.maloca.x86.simd.Swar.w1;
import static org.maloca.x86.simd.Swar.w2;
import static org.maloca.x86.simd.Swar.w3;

import java.util.function.LongToIntFunction;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Operation;

/**
 * Packing with saturation and horizontal arithmetic: each 64 bits of the destination, then of the
 * source, yield 32 bits of the result.
 */
final class NarrowingHandlers {
  private NarrowingHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PACKSSWB, packing(Saturation::words));
    table.put(Operation.PACKUSWB, packing(Saturation::wordsUnsigned));
    table.put(Operation.PACKSSDW, packing(Saturation::dwords));
    table.put(Operation.PACKUSDW, packing(Saturation::dwordsUnsigned));
    table.put(Operation.PHADDW, handler(a -> join(w0(a) + w1(a), w2(a) + w3(a))));
    table.put(Operation.PHADDD, handler(a -> (int) (a + (a >>> 32))));
    table.put(
        Operation.PHADDSW,
        handler(a ->
            join(Saturation.clampToWord(w0(a) + w1(a)), Saturation.clampToWord(w2(a) + w3(a)))));
    table.put(Operation.PHSUBW, handler(a -> join(w0(a) - w1(a), w2(a) - w3(a))));
    table.put(Operation.PHSUBD, handler(a -> (int) (a - (a >>> 32))));
    table.put(
        Operation.PHSUBSW,
        handler(a ->
            join(Saturation.clampToWord(w0(a) - w1(a)), Saturation.clampToWord(w2(a) - w3(a)))));
  }

  /** A handler for what takes 128 bits to 64. */
  private static InsnHandler packing(LaneOperation pack) {
    return (cpu, insn) -> {
      if (Mmx.isUsed(insn)) {
        long b = Mmx.source(cpu, insn);
        Mmx.complete(cpu, insn, pack.apply(Mmx.destination(cpu, insn), b));
        return;
      }
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      long high = pack.apply(xmm[s], xmm[s + 1]);
      xmm[d] = pack.apply(xmm[d], xmm[d + 1]);
      xmm[d + 1] = high;
    };
  }

  private static InsnHandler handler(LongToIntFunction narrow) {
    return (cpu, insn) -> {
      if (Mmx.isUsed(insn)) {
        long b = Mmx.source(cpu, insn);
        Mmx.complete(cpu, insn, pair(narrow, Mmx.destination(cpu, insn), b));
        return;
      }
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      long high = pair(narrow, xmm[s], xmm[s + 1]);
      xmm[d] = pair(narrow, xmm[d], xmm[d + 1]);
      xmm[d + 1] = high;
    };
  }

  private static long pair(LongToIntFunction narrow, long low, long high) {
    return narrow.applyAsInt(low) & 0xffff_ffffL | (long) narrow.applyAsInt(high) << 32;
  }

  private static int join(int low, int high) {
    return low & 0xffff | high << 16;
  }
}
