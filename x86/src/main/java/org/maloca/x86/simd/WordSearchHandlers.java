package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** PHMINPOSUW and MPSADBW: searches of video encoders. */
final class WordSearchHandlers {
  private WordSearchHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PHMINPOSUW, WordSearchHandlers::phminposuw);
    table.put(Operation.MPSADBW, WordSearchHandlers::mpsadbw);
  }

  private static void phminposuw(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    // The position below the value: the minimum is the first of equals.
    int minimum = Integer.MAX_VALUE;
    for (int i = 0; i < 8; i++) {
      int word = (int) (xmm[s + (i >>> 2)] >>> 16 * (i & 3)) & 0xffff;
      minimum = Math.min(minimum, word << 3 | i);
    }
    int d = insn.register0 << 1;
    xmm[d] = minimum >>> 3 | (long) (minimum & 7) << 16;
    xmm[d + 1] = 0;
  }

  private static void mpsadbw(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int control = (int) insn.immediate;
    int block = (int) (xmm[s + (control >>> 1 & 1)] >>> 32 * (control & 1));
    long low = xmm[d];
    long high = xmm[d + 1];
    if ((control & 4) != 0) {
      low = low >>> 32 | high << 32;
      high >>>= 32;
    }
    xmm[d] = sums(low, high, block);
    xmm[d + 1] = sums(low >>> 32 | high << 32, high >>> 32, block);
  }

  /** Differences from the block of the four bytes at 0, 1, 2 and 3. */
  private static long sums(long low, long high, int block) {
    long result = 0;
    for (int i = 0; i < 4; i++) {
      long bytes = i == 0 ? low : low >>> 8 * i | high << -8 * i;
      long sum = Swar.sumOfDifferences(bytes & 0xffff_ffffL, block & 0xffff_ffffL);
      result |= sum << 16 * i;
    }
    return result;
  }
}
