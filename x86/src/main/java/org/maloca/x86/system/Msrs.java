package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.ModelSpecificRegisters;

/**
 * Reads and writes model-specific registers. Those that the core does not have are asked of the bus
 * (local APIC, hypervisor interfaces); what nobody has is #GP(0).
 */
final class Msrs {
  /** TSC counts at the rate of P0 whatever the P-state; guests complain when it is clear. */
  private static final long HWCR_TSC_FREQUENCY_SELECT = 1 << 24;

  /** LFENCE waits for everything before it. */
  private static final long DE_CFG_LFENCE_SERIALIZE = 1 << 1;

  private static final long DEBUG_CONTROL_WRITABLE = 0x3f;

  private Msrs() {}

  static long read(Cpu cpu, int index) {
    ModelSpecificRegisters msr = cpu.msr;
    return switch (index) {
      case MsrIndex.TSC -> cpu.timeStamp();
      case MsrIndex.TSC_ADJUST -> msr.tscAdjust;
      case MsrIndex.SYSENTER_CS -> msr.sysenterCs;
      case MsrIndex.SYSENTER_ESP -> msr.sysenterEsp;
      case MsrIndex.SYSENTER_EIP -> msr.sysenterEip;
      case MsrIndex.MISC_ENABLE -> msr.miscEnable;
      case MsrIndex.DEBUG_CONTROL -> msr.debugControl;
      case MsrIndex.PAT -> msr.pat;
      case MsrIndex.EFER -> cpu.efer;
      case MsrIndex.STAR -> msr.star;
      case MsrIndex.LSTAR -> msr.lstar;
      case MsrIndex.CSTAR -> msr.cstar;
      case MsrIndex.SFMASK -> msr.sfmask;
      case MsrIndex.FS_BASE -> cpu.segments[Cpu.FS].base;
      case MsrIndex.GS_BASE -> cpu.segments[Cpu.GS].base;
      case MsrIndex.KERNEL_GS_BASE -> msr.kernelGsBase;
      case MsrIndex.TSC_AUX -> msr.tscAux;
      default -> Mtrrs.isMtrr(index) ? Mtrrs.read(cpu, index) : readOther(cpu, index);
    };
  }

  private static long readOther(Cpu cpu, int index) {
    if (index == MsrIndex.HWCR) {
      return HWCR_TSC_FREQUENCY_SELECT;
    }
    if (index == MsrIndex.DE_CFG) {
      return DE_CFG_LFENCE_SERIALIZE;
    }
    if (isZero(index)) {
      return 0;
    }
    long[] value = cpu.busValue;
    if (!cpu.bus.readMsr(index, value)) {
      throw cpu.generalProtection();
    }
    boolean isDeadline = index == MsrIndex.TSC_DEADLINE && value[0] != 0;
    return isDeadline ? value[0] + cpu.msr.tscOffset : value[0];
  }

  /** Registers of the family that configure what we do not model: they read as 0. */
  private static boolean isZero(int index) {
    return switch (index) {
      case MsrIndex.PATCH_LEVEL,
          MsrIndex.MCG_CAP,
          MsrIndex.MCG_STATUS,
          MsrIndex.LAST_BRANCH_FROM,
          MsrIndex.LAST_BRANCH_TO,
          MsrIndex.LAST_EXCEPTION_FROM,
          MsrIndex.LAST_EXCEPTION_TO,
          MsrIndex.SYSCFG,
          MsrIndex.TOP_MEM,
          MsrIndex.TOP_MEM2,
          MsrIndex.NB_CFG,
          MsrIndex.INT_PENDING,
          MsrIndex.LS_CFG,
          MsrIndex.IC_CFG,
          MsrIndex.DC_CFG,
          MsrIndex.BU_CFG ->
          true;
      default -> index >= MsrIndex.IORR_FIRST && index <= MsrIndex.IORR_LAST;
    };
  }

  static void write(Cpu cpu, int index, long value) {
    ModelSpecificRegisters msr = cpu.msr;
    switch (index) {
      case MsrIndex.TSC -> moveCounter(cpu, value - cpu.timeStamp());
      case MsrIndex.TSC_ADJUST -> moveCounter(cpu, value - msr.tscAdjust);
      case MsrIndex.SYSENTER_CS -> msr.sysenterCs = value & 0xffff_ffffL;
      case MsrIndex.SYSENTER_ESP -> msr.sysenterEsp = canonical(cpu, value);
      case MsrIndex.SYSENTER_EIP -> msr.sysenterEip = canonical(cpu, value);
      case MsrIndex.MISC_ENABLE -> msr.miscEnable = value;
      case MsrIndex.DEBUG_CONTROL -> {
        require(cpu, (value & ~DEBUG_CONTROL_WRITABLE) == 0);
        msr.debugControl = value;
      }
      case MsrIndex.PAT -> {
        require(cpu, Mtrrs.isPat(value));
        msr.pat = value;
      }
      case MsrIndex.EFER -> ControlRegisterRules.writeEfer(cpu, value);
      case MsrIndex.STAR -> msr.star = value;
      case MsrIndex.LSTAR -> msr.lstar = canonical(cpu, value);
      case MsrIndex.CSTAR -> msr.cstar = canonical(cpu, value);
      case MsrIndex.SFMASK -> msr.sfmask = value & 0xffff_ffffL;
      case MsrIndex.FS_BASE -> cpu.segments[Cpu.FS].base = canonical(cpu, value);
      case MsrIndex.GS_BASE -> cpu.segments[Cpu.GS].base = canonical(cpu, value);
      case MsrIndex.KERNEL_GS_BASE -> msr.kernelGsBase = canonical(cpu, value);
      case MsrIndex.TSC_AUX -> msr.tscAux = value & 0xffff_ffffL;
      default -> {
        if (Mtrrs.isMtrr(index)) {
          Mtrrs.write(cpu, index, value);
        } else {
          writeOther(cpu, index, value);
        }
      }
    }
  }

  private static void writeOther(Cpu cpu, int index, long value) {
    boolean readOnly = index == MsrIndex.MCG_CAP;
    boolean ignored =
        isZero(index)
            || index == MsrIndex.HWCR
            || index == MsrIndex.DE_CFG
            || index == MsrIndex.PATCH_LOADER;
    long outside = index == MsrIndex.TSC_DEADLINE ? machineDeadline(cpu, value) : value;
    require(cpu, !readOnly && (ignored || cpu.bus.writeMsr(index, outside)));
  }

  /**
   * A deadline on the machine's counter, which the bus knows, from one on this CPU's; 0 is none.
   */
  private static long machineDeadline(Cpu cpu, long deadline) {
    long machineNow = cpu.timeStampCounter.ticks();
    long left = deadline - (machineNow + cpu.msr.tscOffset);
    if (deadline == 0) {
      return 0;
    }
    if (Long.compareUnsigned(deadline, machineNow + cpu.msr.tscOffset) <= 0) {
      return 1;
    }
    return Long.compareUnsigned(machineNow + left, machineNow) < 0 ? -1 : machineNow + left;
  }

  private static void moveCounter(Cpu cpu, long ticks) {
    cpu.setTimeStampOffset(cpu.msr.tscOffset + ticks);
    cpu.msr.tscAdjust += ticks;
  }

  private static long canonical(Cpu cpu, long address) {
    require(cpu, ControlRegisterRules.isCanonical(address));
    return address;
  }

  private static void require(Cpu cpu, boolean valid) {
    if (!valid) {
      throw cpu.generalProtection();
    }
  }
}
