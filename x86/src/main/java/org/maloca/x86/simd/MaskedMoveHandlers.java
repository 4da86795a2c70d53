package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * Byte masks: taking the bytes' signs, and storing the bytes that a mask selects. A store faults
 * for all of its bytes, whatever the mask, as on silicon.
 */
final class MaskedMoveHandlers {
  private static final int RDI = Cpu.RDI;

  private MaskedMoveHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PMOVMSKB, MaskedMoveHandlers::pmovmskb);
    table.put(Operation.MASKMOVQ, MaskedMoveHandlers::maskmovq);
    table.put(Operation.MASKMOVDQU, MaskedMoveHandlers::maskmovdqu);
  }

  private static void pmovmskb(Cpu cpu, Insn insn) {
    if (insn.kind1 == OperandKind.XMM) {
      Sse.check(cpu);
      int s = insn.register1 << 1;
      cpu.setGpr(insn.register0, SignMask.ofBytes(cpu.xmm[s], cpu.xmm[s + 1]));
    } else {
      cpu.setGpr(insn.register0, Swar.signs8(Mmx.source(cpu, insn)));
      cpu.x87.enterMmx();
    }
  }

  private static void maskmovq(Cpu cpu, Insn insn) {
    long mask = Mmx.source(cpu, insn);
    long va = address(cpu, insn, 8);
    int selected = (int) Swar.signs8(mask);
    cpu.x87.enterMmx();
    cpu.mmu.probeWrite(va, 8);
    store(cpu, va, selected, Mmx.destination(cpu, insn), 0);
  }

  private static void maskmovdqu(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int s = insn.register1 << 1;
    int d = insn.register0 << 1;
    long va = address(cpu, insn, 16);
    int selected = (int) SignMask.ofBytes(cpu.xmm[s], cpu.xmm[s + 1]);
    cpu.mmu.probeWrite(va, 16);
    store(cpu, va, selected & 0xff, cpu.xmm[d], 0);
    store(cpu, va, selected >>> 8, cpu.xmm[d + 1], 8);
  }

  private static long address(Cpu cpu, Insn insn, int size) {
    long offset = Cpu.zeroExtend(cpu.rdi, insn.addressSize);
    return cpu.linear(insn.segment, offset, size, true);
  }

  private static void store(Cpu cpu, long va, int selected, long bytes, int distance) {
    for (int bits = selected; bits != 0; bits &= bits - 1) {
      int n = Integer.numberOfTrailingZeros(bits);
      cpu.mmu.store8(Sse.following(cpu, va, n + distance), (int) (bytes >>> 8 * n) & 0xff);
    }
  }
}
