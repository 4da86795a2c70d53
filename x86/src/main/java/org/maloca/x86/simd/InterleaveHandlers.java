package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Interleaving of the elements of two registers' halves. */
final class InterleaveHandlers {
  private InterleaveHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PUNPCKLBW, low(Interleave::bytes));
    table.put(Operation.PUNPCKLWD, low(Interleave::words));
    table.put(Operation.PUNPCKLDQ, low(Interleave::dwords));
    table.put(Operation.PUNPCKHBW, high(Interleave::bytes));
    table.put(Operation.PUNPCKHWD, high(Interleave::words));
    table.put(Operation.PUNPCKHDQ, high(Interleave::dwords));
    table.put(Operation.UNPCKLPS, low(Interleave::dwords));
    table.put(Operation.UNPCKHPS, high(Interleave::dwords));
    table.put(Operation.PUNPCKLQDQ, InterleaveHandlers::lowQwords);
    table.put(Operation.PUNPCKHQDQ, InterleaveHandlers::highQwords);
    table.put(Operation.UNPCKLPD, InterleaveHandlers::lowQwords);
    table.put(Operation.UNPCKHPD, InterleaveHandlers::highQwords);
  }

  /** {@code interleave} takes the low 32 bits of both. */
  private static InsnHandler low(LaneOperation interleave) {
    return (cpu, insn) -> {
      if (Mmx.isUsed(insn)) {
        long b = Mmx.source32(cpu, insn);
        Mmx.complete(cpu, insn, interleave.apply(Mmx.destination(cpu, insn), b));
        return;
      }
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      interleave(cpu.xmm, d, interleave, cpu.xmm[d], cpu.xmm[s]);
    };
  }

  private static InsnHandler high(LaneOperation interleave) {
    return (cpu, insn) -> {
      if (Mmx.isUsed(insn)) {
        long b = Mmx.source(cpu, insn);
        long a = Mmx.destination(cpu, insn);
        Mmx.complete(cpu, insn, interleave.apply(a >>> 32, b >>> 32));
        return;
      }
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      interleave(cpu.xmm, d, interleave, cpu.xmm[d + 1], cpu.xmm[s + 1]);
    };
  }

  private static void interleave(long[] xmm, int d, LaneOperation interleave, long a, long b) {
    xmm[d] = interleave.apply(a, b);
    xmm[d + 1] = interleave.apply(a >>> 32, b >>> 32);
  }

  private static void lowQwords(Cpu cpu, Insn insn) {
    int s = Sse.source(cpu, insn);
    cpu.xmm[(insn.register0 << 1) + 1] = cpu.xmm[s];
  }

  private static void highQwords(Cpu cpu, Insn insn) {
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    cpu.xmm[d] = cpu.xmm[d + 1];
    cpu.xmm[d + 1] = cpu.xmm[s + 1];
  }
}
