package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Moves of 32 and 64 bits between general, MMX and XMM registers and memory. */
final class TransferHandlers {
  private TransferHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOVD, TransferHandlers::movd);
    table.put(Operation.MOVQ, TransferHandlers::movq);
    table.put(Operation.MOVNTQ, TransferHandlers::movqMmx);
    table.put(Operation.MOVQ2DQ, TransferHandlers::movq2dq);
    table.put(Operation.MOVDQ2Q, TransferHandlers::movdq2q);
  }

  private static void movd(Cpu cpu, Insn insn) {
    if (insn.kind0 == OperandKind.XMM) {
      Sse.check(cpu);
      int d = insn.register0 << 1;
      cpu.xmm[d] = cpu.read(insn, 1);
      cpu.xmm[d + 1] = 0;
    } else if (insn.kind1 == OperandKind.XMM) {
      Sse.check(cpu);
      cpu.write(insn, 0, cpu.xmm[insn.register1 << 1]);
    } else {
      movdMmx(cpu, insn);
    }
  }

  private static void movdMmx(Cpu cpu, Insn insn) {
    cpu.x87.checkMmxUsable(cpu);
    if (Mmx.isUsed(insn)) {
      Mmx.complete(cpu, insn, cpu.read(insn, 1));
    } else {
      cpu.write(insn, 0, cpu.x87.mmx(insn.register1));
      cpu.x87.enterMmx();
    }
  }

  private static void movq(Cpu cpu, Insn insn) {
    if (insn.kind0 == OperandKind.XMM) {
      long value = Sse.source64(cpu, insn);
      int d = insn.register0 << 1;
      cpu.xmm[d] = value;
      cpu.xmm[d + 1] = 0;
    } else if (insn.kind1 == OperandKind.XMM) {
      Sse.check(cpu);
      cpu.mmu.store64(cpu.linear(insn, 8, true), cpu.xmm[insn.register1 << 1]);
    } else {
      movqMmx(cpu, insn);
    }
  }

  private static void movqMmx(Cpu cpu, Insn insn) {
    if (Mmx.isUsed(insn)) {
      Mmx.complete(cpu, insn, Mmx.source(cpu, insn));
    } else {
      cpu.x87.checkMmxUsable(cpu);
      cpu.mmu.store64(cpu.linear(insn, 8, true), cpu.x87.mmx(insn.register1));
      cpu.x87.enterMmx();
    }
  }

  private static void movq2dq(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    cpu.x87.checkMmxUsable(cpu);
    int d = insn.register0 << 1;
    cpu.xmm[d] = cpu.x87.mmx(insn.register1);
    cpu.xmm[d + 1] = 0;
    cpu.x87.enterMmx();
  }

  private static void movdq2q(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    cpu.x87.checkMmxUsable(cpu);
    Mmx.complete(cpu, insn, cpu.xmm[insn.register1 << 1]);
  }
}
