package org.maloca.x86.simd;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * Whether SSE instructions may run, and their accesses to XMM and memory operands (Intel SDM vol.
 * 2, 2.4 "Instruction exception specification").
 */
final class Sse {
  private static final int PAGE_OFFSET = 0xfff;

  private Sse() {}

  /** Raises #UD or #NM unless SSE instructions may run. */
  static void check(Cpu cpu) {
    if ((cpu.mode & CodeMode.SSE_USABLE) == 0) {
      throw unusable(cpu);
    }
  }

  private static GuestFault unusable(Cpu cpu) {
    if ((cpu.cr0 & ControlRegisters.CR0_EM) != 0 || (cpu.cr4 & ControlRegisters.CR4_OSFXSR) == 0) {
      return cpu.undefinedOpcode();
    }
    return cpu.fault(GuestFault.NM, 0);
  }

  // Sources: index in Cpu.xmm of operand 1, checked to be usable.

  /** A 128-bit source that in memory must be aligned. */
  static int source(Cpu cpu, Insn insn) {
    check(cpu);
    if (insn.kind1 == OperandKind.XMM) {
      return insn.register1 << 1;
    }
    long va = aligned(cpu, insn, false);
    long low = cpu.mmu.load64(va);
    return scratch(cpu, low, cpu.mmu.load64(va + 8));
  }

  /** A 128-bit source of any alignment. */
  static int sourceUnaligned(Cpu cpu, Insn insn) {
    check(cpu);
    if (insn.kind1 == OperandKind.XMM) {
      return insn.register1 << 1;
    }
    long va = cpu.linear(insn, 16, false);
    if ((va & PAGE_OFFSET) > PAGE_OFFSET - 15) {
      return sourceAcross(cpu, va);
    }
    long low = cpu.mmu.load64(va);
    return scratch(cpu, low, cpu.mmu.load64(va + 8));
  }

  private static int sourceAcross(Cpu cpu, long va) {
    long low = cpu.mmu.load64(va);
    return scratch(cpu, low, cpu.mmu.load64(following(cpu, va, 8)));
  }

  private static int scratch(Cpu cpu, long low, long high) {
    cpu.xmm[Cpu.XMM_SCRATCH] = low;
    cpu.xmm[Cpu.XMM_SCRATCH + 1] = high;
    return Cpu.XMM_SCRATCH;
  }

  /** The low 64 bits of an XMM register, or 64 bits of memory. */
  static long source64(Cpu cpu, Insn insn) {
    check(cpu);
    return insn.kind1 == OperandKind.XMM
        ? cpu.xmm[insn.register1 << 1]
        : cpu.mmu.load64(cpu.linear(insn, 8, false));
  }

  /** The low 32 bits of an XMM register, or 32 bits of memory. */
  static int source32(Cpu cpu, Insn insn) {
    check(cpu);
    return insn.kind1 == OperandKind.XMM
        ? (int) cpu.xmm[insn.register1 << 1]
        : cpu.mmu.load32(cpu.linear(insn, 4, false));
  }

  /** The low {@code size} bytes of an XMM register (with junk above), or so many of memory. */
  static long sourceBytes(Cpu cpu, Insn insn, int size) {
    check(cpu);
    return insn.kind1 == OperandKind.XMM
        ? cpu.xmm[insn.register1 << 1]
        : cpu.mmu.load(cpu.linear(insn, size, false), size);
  }

  // Memory.

  /** Linear address of a 128-bit memory operand that must be aligned, else #GP(0). */
  static long aligned(Cpu cpu, Insn insn, boolean write) {
    long va = cpu.linear(insn, 16, write);
    if ((va & 15) != 0) {
      throw cpu.generalProtection();
    }
    return va;
  }

  /** Stores 128 bits to the memory operand, which must be aligned. */
  static void storeAligned(Cpu cpu, Insn insn, int source) {
    long va = aligned(cpu, insn, true);
    cpu.mmu.store64(va, cpu.xmm[source]);
    cpu.mmu.store64(va + 8, cpu.xmm[source + 1]);
  }

  /** Stores 128 bits to the memory operand, all or nothing. */
  static void storeUnaligned(Cpu cpu, Insn insn, int source) {
    long va = cpu.linear(insn, 16, true);
    long next = va + 8;
    if ((va & PAGE_OFFSET) > PAGE_OFFSET - 15) {
      cpu.mmu.probeWrite(va, 16);
      next = following(cpu, va, 8);
    }
    cpu.mmu.store64(va, cpu.xmm[source]);
    cpu.mmu.store64(next, cpu.xmm[source + 1]);
  }

  /** Outside long mode linear addresses wrap at 4 GiB. */
  static long following(Cpu cpu, long va, int distance) {
    return cpu.isLongMode() ? va + distance : va + distance & 0xffff_ffffL;
  }
}
