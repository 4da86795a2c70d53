package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * The packed integer operations that string and memory functions live on, written out so that
 * nothing is called through an interface on the way.
 */
final class FrequentIntegerHandlers {
  private FrequentIntegerHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PCMPEQB, FrequentIntegerHandlers::pcmpeqb);
    table.put(Operation.PCMPEQD, FrequentIntegerHandlers::pcmpeqd);
    table.put(Operation.PMINUB, FrequentIntegerHandlers::pminub);
    table.put(Operation.PSUBB, FrequentIntegerHandlers::psubb);
    table.put(Operation.PADDD, FrequentIntegerHandlers::paddd);
    table.put(Operation.PADDQ, FrequentIntegerHandlers::paddq);
  }

  private static void pcmpeqb(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> Swar.equal(a, b, Swar.BYTES));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = Swar.equal(xmm[d], xmm[s], Swar.BYTES);
    xmm[d + 1] = Swar.equal(xmm[d + 1], xmm[s + 1], Swar.BYTES);
  }

  private static void pcmpeqd(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> Swar.equal(a, b, Swar.DWORDS));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = Swar.equal(xmm[d], xmm[s], Swar.DWORDS);
    xmm[d + 1] = Swar.equal(xmm[d + 1], xmm[s + 1], Swar.DWORDS);
  }

  private static void pminub(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> Swar.minUnsigned(a, b, Swar.BYTES));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = Swar.minUnsigned(xmm[d], xmm[s], Swar.BYTES);
    xmm[d + 1] = Swar.minUnsigned(xmm[d + 1], xmm[s + 1], Swar.BYTES);
  }

  private static void psubb(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> Swar.sub(a, b, Swar.BYTES));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = Swar.sub(xmm[d], xmm[s], Swar.BYTES);
    xmm[d + 1] = Swar.sub(xmm[d + 1], xmm[s + 1], Swar.BYTES);
  }

  private static void paddd(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> Swar.add(a, b, Swar.DWORDS));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = Swar.add(xmm[d], xmm[s], Swar.DWORDS);
    xmm[d + 1] = Swar.add(xmm[d + 1], xmm[s + 1], Swar.DWORDS);
  }

  private static void paddq(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, Long::sum);
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] += xmm[s];
    xmm[d + 1] += xmm[s + 1];
  }
}
