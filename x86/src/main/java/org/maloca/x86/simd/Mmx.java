package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * Operands of MMX instructions (Intel SDM vol. 1, 9.5 and 9.6): the x87 unit's availability
 * decides, and each instruction that completes marks the whole x87 register stack valid.
 */
final class Mmx {
  private Mmx() {}

  static boolean isUsed(Insn insn) {
    return insn.kind0 == OperandKind.MMX;
  }

  /** Operand 1: an MMX register or 64 bits of memory, once MMX is known to be usable. */
  static long source(Cpu cpu, Insn insn) {
    cpu.x87.checkMmxUsable(cpu);
    return insn.kind1 == OperandKind.MMX
        ? cpu.x87.mmx(insn.register1)
        : cpu.mmu.load64(cpu.linear(insn, 8, false));
  }

  /** Operand 1: an MMX register, or 32 bits of memory zero-extended. */
  static long source32(Cpu cpu, Insn insn) {
    cpu.x87.checkMmxUsable(cpu);
    return insn.kind1 == OperandKind.MMX
        ? cpu.x87.mmx(insn.register1)
        : cpu.mmu.load32(cpu.linear(insn, 4, false)) & 0xffff_ffffL;
  }

  /** Operand 0, an MMX register. */
  static long destination(Cpu cpu, Insn insn) {
    return cpu.x87.mmx(insn.register0);
  }

  /** Completes the instruction with a value for operand 0, an MMX register. */
  static void complete(Cpu cpu, Insn insn, long value) {
    cpu.x87.enterMmx();
    cpu.x87.setMmx(insn.register0, value);
  }

  /** Executes an instruction of two MMX operands. */
  static void apply(Cpu cpu, Insn insn, LaneOperation operation) {
    long source = source(cpu, insn);
    complete(cpu, insn, operation.apply(destination(cpu, insn), source));
  }
}
