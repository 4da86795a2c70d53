package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Bitwise logic on whole registers, whatever the elements are called. */
final class LogicHandlers {
  private LogicHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PAND, LogicHandlers::pand);
    table.put(Operation.PANDN, LogicHandlers::pandn);
    table.put(Operation.POR, LogicHandlers::por);
    table.put(Operation.PXOR, LogicHandlers::pxor);
    table.put(Operation.ANDPS, LogicHandlers::and);
    table.put(Operation.ANDPD, LogicHandlers::and);
    table.put(Operation.ANDNPS, LogicHandlers::andNot);
    table.put(Operation.ANDNPD, LogicHandlers::andNot);
    table.put(Operation.ORPS, LogicHandlers::or);
    table.put(Operation.ORPD, LogicHandlers::or);
    table.put(Operation.XORPS, LogicHandlers::xor);
    table.put(Operation.XORPD, LogicHandlers::xor);
    table.put(Operation.PTEST, LogicHandlers::ptest);
  }

  private static void pand(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> a & b);
    } else {
      and(cpu, insn);
    }
  }

  private static void pandn(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> ~a & b);
    } else {
      andNot(cpu, insn);
    }
  }

  private static void por(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> a | b);
    } else {
      or(cpu, insn);
    }
  }

  private static void pxor(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.apply(cpu, insn, (a, b) -> a ^ b);
    } else {
      xor(cpu, insn);
    }
  }

  private static void and(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] &= xmm[s];
    xmm[d + 1] &= xmm[s + 1];
  }

  private static void andNot(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = ~xmm[d] & xmm[s];
    xmm[d + 1] = ~xmm[d + 1] & xmm[s + 1];
  }

  private static void or(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] |= xmm[s];
    xmm[d + 1] |= xmm[s + 1];
  }

  private static void xor(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] ^= xmm[s];
    xmm[d + 1] ^= xmm[s + 1];
  }

  private static void ptest(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    boolean none = (xmm[s] & xmm[d] | xmm[s + 1] & xmm[d + 1]) == 0;
    boolean all = (xmm[s] & ~xmm[d] | xmm[s + 1] & ~xmm[d + 1]) == 0;
    cpu.setArithmeticFlags((none ? Flags.ZF : 0) | (all ? Flags.CF : 0));
  }
}
