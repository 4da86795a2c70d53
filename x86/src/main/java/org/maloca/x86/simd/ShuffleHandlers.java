package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Permutations of elements by an immediate. */
final class ShuffleHandlers {
  private ShuffleHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PSHUFD, ShuffleHandlers::pshufd);
    table.put(Operation.PSHUFLW, ShuffleHandlers::pshuflw);
    table.put(Operation.PSHUFHW, ShuffleHandlers::pshufhw);
    table.put(Operation.PSHUFW, ShuffleHandlers::pshufw);
    table.put(Operation.SHUFPS, ShuffleHandlers::shufps);
    table.put(Operation.SHUFPD, ShuffleHandlers::shufpd);
    table.put(Operation.PALIGNR, ShuffleHandlers::palignr);
  }

  /** Doubleword {@code selector & 3} of 128 bits, zero-extended. */
  private static long dword(long low, long high, int selector) {
    return ((selector & 2) == 0 ? low : high) >>> ((selector & 1) << 5) & 0xffff_ffffL;
  }

  private static long dwords(long low, long high, int selectors) {
    return dword(low, high, selectors) | dword(low, high, selectors >>> 2) << 32;
  }

  private static void pshufd(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int selectors = (int) insn.immediate;
    long low = xmm[s];
    long high = xmm[s + 1];
    xmm[d] = dwords(low, high, selectors);
    xmm[d + 1] = dwords(low, high, selectors >>> 4);
  }

  private static void shufps(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int selectors = (int) insn.immediate;
    long high = dwords(xmm[s], xmm[s + 1], selectors >>> 4);
    xmm[d] = dwords(xmm[d], xmm[d + 1], selectors);
    xmm[d + 1] = high;
  }

  private static void shufpd(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int selectors = (int) insn.immediate;
    long high = xmm[s + (selectors >>> 1 & 1)];
    xmm[d] = xmm[d + (selectors & 1)];
    xmm[d + 1] = high;
  }

  private static void pshuflw(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = Permutation.words(xmm[s], (int) insn.immediate);
    xmm[d + 1] = xmm[s + 1];
  }

  private static void pshufhw(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = xmm[s];
    xmm[d + 1] = Permutation.words(xmm[s + 1], (int) insn.immediate);
  }

  private static void pshufw(Cpu cpu, Insn insn) {
    long b = Mmx.source(cpu, insn);
    Mmx.complete(cpu, insn, Permutation.words(b, (int) insn.immediate));
  }

  private static void palignr(Cpu cpu, Insn insn) {
    int count = (int) insn.immediate & 0xff;
    if (Mmx.isUsed(insn)) {
      long b = Mmx.source(cpu, insn);
      long a = Mmx.destination(cpu, insn);
      Mmx.complete(cpu, insn, window(b, a, count));
      return;
    }
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    long low = xmm[d];
    long high = xmm[d + 1];
    long sourceLow = xmm[s];
    long sourceHigh = xmm[s + 1];
    if (count < 8) {
      xmm[d] = window(sourceLow, sourceHigh, count);
      xmm[d + 1] = window(sourceHigh, low, count);
    } else if (count < 16) {
      xmm[d] = window(sourceHigh, low, count - 8);
      xmm[d + 1] = window(low, high, count - 8);
    } else {
      xmm[d] = window(low, high, count - 16);
      xmm[d + 1] = window(high, 0, count - 16);
    }
  }

  /** Eight bytes from byte {@code count} of two joined words on; zeros beyond them. */
  private static long window(long first, long second, int count) {
    if (count >= 8) {
      return count >= 16 ? 0 : second >>> 8 * (count - 8);
    }
    return count == 0 ? first : first >>> 8 * count | second << -8 * count;
  }
}
