package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Single elements in and out of MMX and XMM registers. */
final class InsertExtractHandlers {
  private InsertExtractHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PINSRB, (cpu, insn) -> insert(cpu, insn, 1));
    table.put(Operation.PINSRW, InsertExtractHandlers::pinsrw);
    table.put(Operation.PINSRD, (cpu, insn) -> insert(cpu, insn, 4));
    table.put(Operation.PINSRQ, (cpu, insn) -> insert(cpu, insn, 8));
    table.put(Operation.PEXTRB, (cpu, insn) -> extract(cpu, insn, 1));
    table.put(Operation.PEXTRW, InsertExtractHandlers::pextrw);
    table.put(Operation.PEXTRD, (cpu, insn) -> extract(cpu, insn, 4));
    table.put(Operation.PEXTRQ, (cpu, insn) -> extract(cpu, insn, 8));
    table.put(Operation.EXTRACTPS, (cpu, insn) -> extract(cpu, insn, 4));
    table.put(Operation.INSERTPS, InsertExtractHandlers::insertps);
  }

  /** Where element {@code immediate} of {@code size} bytes starts, in bits. */
  private static int position(Insn insn, int size, int registerSize) {
    return ((int) insn.immediate & registerSize / size - 1) * size * 8;
  }

  private static long replace(long old, long value, int size, int shift) {
    long mask = (-1L >>> 64 - 8 * size) << shift;
    return old & ~mask | value << shift & mask;
  }

  private static void insert(Cpu cpu, Insn insn, int size) {
    Sse.check(cpu);
    long value = cpu.read(insn, 1, size);
    int position = position(insn, size, 16);
    int d = (insn.register0 << 1) + (position >>> 6);
    cpu.xmm[d] = replace(cpu.xmm[d], value, size, position & 63);
  }

  private static void pinsrw(Cpu cpu, Insn insn) {
    if (!Mmx.isUsed(insn)) {
      insert(cpu, insn, 2);
      return;
    }
    cpu.x87.checkMmxUsable(cpu);
    long value = cpu.read(insn, 1, 2);
    long old = Mmx.destination(cpu, insn);
    Mmx.complete(cpu, insn, replace(old, value, 2, position(insn, 2, 8)));
  }

  private static void extract(Cpu cpu, Insn insn, int size) {
    Sse.check(cpu);
    int position = position(insn, size, 16);
    long value = cpu.xmm[(insn.register1 << 1) + (position >>> 6)] >>> (position & 63);
    write(cpu, insn, size, Cpu.zeroExtend(value, size));
  }

  private static void write(Cpu cpu, Insn insn, int size, long value) {
    if (insn.kind0 == OperandKind.GPR) {
      cpu.setGpr(insn.register0, value);
    } else {
      cpu.mmu.store(cpu.linear(insn, size, true), size, value);
    }
  }

  private static void pextrw(Cpu cpu, Insn insn) {
    if (insn.kind1 == OperandKind.XMM) {
      extract(cpu, insn, 2);
      return;
    }
    cpu.x87.checkMmxUsable(cpu);
    cpu.setGpr(insn.register0, cpu.x87.mmx(insn.register1) >>> position(insn, 2, 8) & 0xffff);
    cpu.x87.enterMmx();
  }

  private static void insertps(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int control = (int) insn.immediate;
    long[] xmm = cpu.xmm;
    long value;
    if (insn.kind1 == OperandKind.XMM) {
      value = xmm[(insn.register1 << 1) + (control >>> 7 & 1)] >>> ((control >>> 6 & 1) << 5);
    } else {
      value = cpu.mmu.load32(cpu.linear(insn, 4, false));
    }
    int d = insn.register0 << 1;
    int place = d + (control >>> 5 & 1);
    xmm[place] = replace(xmm[place], value, 4, (control >>> 4 & 1) << 5);
    xmm[d] &= ~Blend.dwordMask(control);
    xmm[d + 1] &= ~Blend.dwordMask(control >>> 2);
  }
}
