package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Moves of whole XMM registers. Non-temporal hints do not show. */
final class VectorMoveHandlers {
  private VectorMoveHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOVAPS, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVAPD, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVDQA, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVNTPS, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVNTPD, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVNTDQ, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVNTDQA, VectorMoveHandlers::moveAligned);
    table.put(Operation.MOVUPS, VectorMoveHandlers::moveUnaligned);
    table.put(Operation.MOVUPD, VectorMoveHandlers::moveUnaligned);
    table.put(Operation.MOVDQU, VectorMoveHandlers::moveUnaligned);
    table.put(Operation.LDDQU, VectorMoveHandlers::moveUnaligned);
    table.put(Operation.MOVDDUP, VectorMoveHandlers::movddup);
    table.put(Operation.MOVSHDUP, VectorMoveHandlers::movshdup);
    table.put(Operation.MOVSLDUP, VectorMoveHandlers::movsldup);
  }

  private static void moveAligned(Cpu cpu, Insn insn) {
    if (insn.kind0 == OperandKind.XMM) {
      copy(cpu.xmm, insn.register0 << 1, Sse.source(cpu, insn));
    } else {
      Sse.check(cpu);
      Sse.storeAligned(cpu, insn, insn.register1 << 1);
    }
  }

  private static void moveUnaligned(Cpu cpu, Insn insn) {
    if (insn.kind0 == OperandKind.XMM) {
      copy(cpu.xmm, insn.register0 << 1, Sse.sourceUnaligned(cpu, insn));
    } else {
      Sse.check(cpu);
      Sse.storeUnaligned(cpu, insn, insn.register1 << 1);
    }
  }

  private static void copy(long[] xmm, int d, int s) {
    xmm[d] = xmm[s];
    xmm[d + 1] = xmm[s + 1];
  }

  private static void movddup(Cpu cpu, Insn insn) {
    long value = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    cpu.xmm[d] = value;
    cpu.xmm[d + 1] = value;
  }

  private static void movshdup(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = duplicateHigh(xmm[s]);
    xmm[d + 1] = duplicateHigh(xmm[s + 1]);
  }

  private static void movsldup(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    xmm[d] = duplicateLow(xmm[s]);
    xmm[d + 1] = duplicateLow(xmm[s + 1]);
  }

  private static long duplicateHigh(long pair) {
    return pair & 0xffff_ffff_0000_0000L | pair >>> 32;
  }

  private static long duplicateLow(long pair) {
    return pair << 32 | pair & 0xffff_ffffL;
  }
}
