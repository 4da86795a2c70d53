package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** AES-NI and PCLMULQDQ (Intel SDM vol. 1, 12.13). */
final class AesHandlers {
  /** A column of the next state from the columns that ShiftRows brings its rows from. */
  @FunctionalInterface
  private interface Column {
    int from(int row0, int row1, int row2, int row3);
  }

  private AesHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.AESENC, forward(Aes::encryptColumn));
    table.put(Operation.AESENCLAST, forward(Aes::encryptLastColumn));
    table.put(Operation.AESDEC, backward(Aes::decryptColumn));
    table.put(Operation.AESDECLAST, backward(Aes::decryptLastColumn));
    table.put(Operation.AESIMC, AesHandlers::aesimc);
    table.put(Operation.AESKEYGENASSIST, AesHandlers::aeskeygenassist);
    table.put(Operation.PCLMULQDQ, AesHandlers::pclmulqdq);
  }

  private static long join(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  private static InsnHandler forward(Column column) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      int c0 = (int) xmm[d];
      int c1 = (int) (xmm[d] >>> 32);
      int c2 = (int) xmm[d + 1];
      int c3 = (int) (xmm[d + 1] >>> 32);
      long high = join(column.from(c2, c3, c0, c1), column.from(c3, c0, c1, c2)) ^ xmm[s + 1];
      xmm[d] = join(column.from(c0, c1, c2, c3), column.from(c1, c2, c3, c0)) ^ xmm[s];
      xmm[d + 1] = high;
    };
  }

  private static InsnHandler backward(Column column) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      int c0 = (int) xmm[d];
      int c1 = (int) (xmm[d] >>> 32);
      int c2 = (int) xmm[d + 1];
      int c3 = (int) (xmm[d + 1] >>> 32);
      long high = join(column.from(c2, c1, c0, c3), column.from(c3, c2, c1, c0)) ^ xmm[s + 1];
      xmm[d] = join(column.from(c0, c3, c2, c1), column.from(c1, c0, c3, c2)) ^ xmm[s];
      xmm[d + 1] = high;
    };
  }

  private static void aesimc(Cpu cpu, Insn insn) {
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    cpu.xmm[d] = inverseMixColumns(cpu.xmm[s]);
    cpu.xmm[d + 1] = inverseMixColumns(cpu.xmm[s + 1]);
  }

  private static long inverseMixColumns(long columns) {
    return join(Aes.inverseMixColumn((int) columns), Aes.inverseMixColumn((int) (columns >>> 32)));
  }

  private static void aeskeygenassist(Cpu cpu, Insn insn) {
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int roundConstant = (int) insn.immediate & 0xff;
    cpu.xmm[d] = keyWords(cpu.xmm[s], roundConstant);
    cpu.xmm[d + 1] = keyWords(cpu.xmm[s + 1], roundConstant);
  }

  private static long keyWords(long words, int roundConstant) {
    int substituted = Aes.substituteWord((int) (words >>> 32));
    return join(substituted, Integer.rotateRight(substituted, 8) ^ roundConstant);
  }

  private static void pclmulqdq(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int control = (int) insn.immediate;
    long a = xmm[d + (control & 1)];
    long b = xmm[s + (control >>> 4 & 1)];
    xmm[d] = CarrylessMultiply.low(a, b);
    xmm[d + 1] = CarrylessMultiply.high(a, b);
  }
}
