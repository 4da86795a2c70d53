package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** INVLPG, INVPCID, and the cache instructions INVD and WBINVD (AMD APM vol. 3). */
final class TranslationHandlers {
  private static final int INVPCID_ADDRESS = 0;
  private static final int INVPCID_SINGLE = 1;
  private static final int INVPCID_ALL_AND_GLOBAL = 2;
  private static final int INVPCID_ALL = 3;
  private static final long LARGEST_PCID = 0xfff;

  private TranslationHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.INVLPG, TranslationHandlers::invalidatePage);
    table.put(Operation.INVPCID, TranslationHandlers::invalidatePcid);
    table.put(Operation.INVD, TranslationHandlers::flushCaches);
    table.put(Operation.WBINVD, TranslationHandlers::flushCaches);
  }

  private static void invalidatePage(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long offset = cpu.effectiveOffset(insn);
    long linear =
        cpu.is64()
            ? cpu.linear(insn.segment, offset, 1, false)
            : cpu.segments[insn.segment].base + offset & 0xffff_ffffL;
    if (ControlRegisterRules.isCanonical(linear)) {
      cpu.mmu.flushPage(linear);
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void invalidatePcid(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long kind = cpu.gpr(insn.register0, insn.operandSize);
    long descriptor = cpu.linear(insn, 16, false);
    long pcid = cpu.mmu.load(descriptor, 8);
    long address = cpu.mmu.load(descriptor + 8, 8);
    boolean namesPcid = kind == INVPCID_ADDRESS || kind == INVPCID_SINGLE;
    boolean usesPcid = (cpu.cr4 & ControlRegisters.CR4_PCIDE) != 0;
    if (Long.compareUnsigned(pcid, LARGEST_PCID) > 0
        || namesPcid && !usesPcid && pcid != 0
        || kind == INVPCID_ADDRESS && !ControlRegisterRules.isCanonical(address)) {
      throw cpu.generalProtection();
    }
    if (kind == INVPCID_ADDRESS) {
      cpu.mmu.flushPage(address);
    } else if (kind == INVPCID_SINGLE) {
      cpu.mmu.flushAddressSpace((int) pcid);
    } else if (kind == INVPCID_ALL) {
      cpu.mmu.flushLocal();
    } else if (kind == INVPCID_ALL_AND_GLOBAL) {
      cpu.mmu.flushAll();
    } else {
      throw cpu.generalProtection();
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  /** Guests' caches are the host's, and coherent. */
  private static void flushCaches(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    cpu.rip = cpu.ripAfter(insn);
  }
}
