package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Efer;
import org.maloca.x86.ir.CodeMode;

/**
 * What may be written to CR0, CR3, CR4 and EFER, and what follows from it (AMD APM vol. 2, 3.1 and
 * 14.6). Each writes, updates the mode and flushes translations, or throws #GP(0).
 */
final class ControlRegisterRules {
  private static final long CR0_KNOWN =
      ControlRegisters.CR0_PE
          | ControlRegisters.CR0_MP
          | ControlRegisters.CR0_EM
          | ControlRegisters.CR0_TS
          | ControlRegisters.CR0_ET
          | ControlRegisters.CR0_NE
          | ControlRegisters.CR0_WP
          | ControlRegisters.CR0_AM
          | ControlRegisters.CR0_NW
          | ControlRegisters.CR0_CD
          | ControlRegisters.CR0_PG;
  private static final long CR3_PCID = 0xfff;
  private static final long CR3_NO_FLUSH = 1L << 63;
  private static final int PHYSICAL_ADDRESS_BITS = 48;

  /** Bits of a present PAE page-directory pointer that must be 0 (AMD APM vol. 2, 5.2.3). */
  private static final long PDPTE_RESERVED = -1L << PHYSICAL_ADDRESS_BITS | 0x1e6;

  private ControlRegisterRules() {}

  static boolean isCanonical(long address) {
    return address << 16 >> 16 == address;
  }

  static void writeCr0(Cpu cpu, long value) {
    if (value >>> 32 != 0) {
      throw cpu.generalProtection();
    }
    boolean paging = (value & ControlRegisters.CR0_PG) != 0;
    boolean paged = (cpu.cr0 & ControlRegisters.CR0_PG) != 0;
    boolean cacheBitsClash =
        (value & (ControlRegisters.CR0_NW | ControlRegisters.CR0_CD)) == ControlRegisters.CR0_NW;
    if (paging && (value & ControlRegisters.CR0_PE) == 0 || cacheBitsClash) {
      throw cpu.generalProtection();
    }
    if (paging && !paged) {
      enablePaging(cpu);
    } else if (!paging && paged) {
      disablePaging(cpu);
    }
    cpu.cr0 = value & CR0_KNOWN | ControlRegisters.CR0_ET;
    cpu.updateMode();
  }

  private static void enablePaging(Cpu cpu) {
    boolean pae = (cpu.cr4 & ControlRegisters.CR4_PAE) != 0;
    if ((cpu.efer & Efer.LME) != 0) {
      boolean longCode = (cpu.segments[Cpu.CS].attributes & SegmentState.ATTR_L) != 0;
      if (!pae || longCode) {
        throw cpu.generalProtection();
      }
      cpu.efer |= Efer.LMA;
    } else if (pae) {
      checkPointers(cpu, cpu.cr3);
    }
  }

  private static void disablePaging(Cpu cpu) {
    if (CodeMode.is64(cpu.mode) || (cpu.cr4 & ControlRegisters.CR4_PCIDE) != 0) {
      throw cpu.generalProtection();
    }
    cpu.efer &= ~Efer.LMA;
  }

  /** Refuses page-directory pointers with reserved bits, as the load of CR3 does under PAE. */
  private static void checkPointers(Cpu cpu, long cr3) {
    long table = cr3 & 0xffff_ffe0L;
    for (int i = 0; i < 4; i++) {
      long pointer = cpu.memory.read(table + 8L * i, 8);
      if ((pointer & 1) != 0 && (pointer & PDPTE_RESERVED) != 0) {
        throw cpu.generalProtection();
      }
    }
  }

  static void writeCr3(Cpu cpu, long value) {
    long address = value;
    boolean keeps = false;
    if (cpu.isLongMode()) {
      if ((cpu.cr4 & ControlRegisters.CR4_PCIDE) != 0) {
        keeps = (value & CR3_NO_FLUSH) != 0;
        address &= ~CR3_NO_FLUSH;
      }
      if (address >>> PHYSICAL_ADDRESS_BITS != 0) {
        throw cpu.generalProtection();
      }
    } else {
      address &= 0xffff_ffffL;
      if (usesPointers(cpu, cpu.cr4)) {
        checkPointers(cpu, address);
      }
    }
    cpu.cr3 = address;
    cpu.mmu.enterAddressSpace(keeps);
  }

  private static boolean usesPointers(Cpu cpu, long cr4) {
    return (cpu.cr0 & ControlRegisters.CR0_PG) != 0
        && (cr4 & ControlRegisters.CR4_PAE) != 0
        && !cpu.isLongMode();
  }

  static void writeCr4(Cpu cpu, long value) {
    long changed = cpu.cr4 ^ value;
    if ((value & ~ControlRegisters.CR4_KNOWN) != 0) {
      throw cpu.generalProtection();
    }
    boolean pae = (value & ControlRegisters.CR4_PAE) != 0;
    if (cpu.isLongMode() && !pae) {
      throw cpu.generalProtection();
    }
    boolean enablesPcid = (changed & value & ControlRegisters.CR4_PCIDE) != 0;
    if (enablesPcid && (!cpu.isLongMode() || (cpu.cr3 & CR3_PCID) != 0)) {
      throw cpu.generalProtection();
    }
    if ((changed & ControlRegisters.CR4_PAE) != 0 && usesPointers(cpu, value)) {
      checkPointers(cpu, cpu.cr3);
    }
    cpu.cr4 = value;
    if ((changed & (ControlRegisters.CR4_PGE | ControlRegisters.CR4_PCIDE)) != 0) {
      cpu.mmu.flushAll();
    }
    cpu.updateMode();
  }

  static void writeEfer(Cpu cpu, long value) {
    long changed = cpu.efer ^ value;
    if ((value & ~(Efer.WRITABLE | Efer.LMA)) != 0) {
      throw cpu.generalProtection();
    }
    if ((changed & Efer.LME) != 0 && (cpu.cr0 & ControlRegisters.CR0_PG) != 0) {
      throw cpu.generalProtection();
    }
    cpu.efer = value & Efer.WRITABLE | cpu.efer & Efer.LMA;
    cpu.updateMode();
  }
}
