package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Moves of scalars and halves of XMM registers. */
final class PartialMoveHandlers {
  private static final long HIGH_HALF = 0xffff_ffff_0000_0000L;

  private PartialMoveHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOVSS, PartialMoveHandlers::movss);
    table.put(Operation.MOVSD_XMM, PartialMoveHandlers::movsd);
    table.put(Operation.MOVLPS, PartialMoveHandlers::moveLow);
    table.put(Operation.MOVLPD, PartialMoveHandlers::moveLow);
    table.put(Operation.MOVHPS, PartialMoveHandlers::moveHigh);
    table.put(Operation.MOVHPD, PartialMoveHandlers::moveHigh);
    table.put(Operation.MOVHLPS, PartialMoveHandlers::movhlps);
    table.put(Operation.MOVLHPS, PartialMoveHandlers::movlhps);
    table.put(Operation.MOVMSKPS, PartialMoveHandlers::movmskps);
    table.put(Operation.MOVMSKPD, PartialMoveHandlers::movmskpd);
  }

  private static void movss(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    long[] xmm = cpu.xmm;
    if (insn.kind0 == OperandKind.MEMORY) {
      cpu.mmu.store32(cpu.linear(insn, 4, true), (int) xmm[insn.register1 << 1]);
      return;
    }
    int d = insn.register0 << 1;
    if (insn.kind1 == OperandKind.XMM) {
      xmm[d] = xmm[d] & HIGH_HALF | xmm[insn.register1 << 1] & ~HIGH_HALF;
    } else {
      xmm[d] = cpu.mmu.load32(cpu.linear(insn, 4, false)) & ~HIGH_HALF;
      xmm[d + 1] = 0;
    }
  }

  private static void movsd(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    long[] xmm = cpu.xmm;
    if (insn.kind0 == OperandKind.MEMORY) {
      cpu.mmu.store64(cpu.linear(insn, 8, true), xmm[insn.register1 << 1]);
      return;
    }
    int d = insn.register0 << 1;
    if (insn.kind1 == OperandKind.XMM) {
      xmm[d] = xmm[insn.register1 << 1];
    } else {
      xmm[d] = cpu.mmu.load64(cpu.linear(insn, 8, false));
      xmm[d + 1] = 0;
    }
  }

  private static void moveLow(Cpu cpu, Insn insn) {
    moveHalf(cpu, insn, 0);
  }

  private static void moveHigh(Cpu cpu, Insn insn) {
    moveHalf(cpu, insn, 1);
  }

  private static void moveHalf(Cpu cpu, Insn insn, int half) {
    Sse.check(cpu);
    if (insn.kind0 == OperandKind.XMM) {
      cpu.xmm[(insn.register0 << 1) + half] = cpu.mmu.load64(cpu.linear(insn, 8, false));
    } else {
      cpu.mmu.store64(cpu.linear(insn, 8, true), cpu.xmm[(insn.register1 << 1) + half]);
    }
  }

  private static void movhlps(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    cpu.xmm[insn.register0 << 1] = cpu.xmm[(insn.register1 << 1) + 1];
  }

  private static void movlhps(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    cpu.xmm[(insn.register0 << 1) + 1] = cpu.xmm[insn.register1 << 1];
  }

  private static void movmskps(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int s = insn.register1 << 1;
    cpu.setGpr(insn.register0, SignMask.ofDwords(cpu.xmm[s], cpu.xmm[s + 1]));
  }

  private static void movmskpd(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int s = insn.register1 << 1;
    cpu.setGpr(insn.register0, SignMask.ofQwords(cpu.xmm[s], cpu.xmm[s + 1]));
  }
}
