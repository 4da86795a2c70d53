package org.maloca.x86.system;

import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.Flags;
import org.maloca.x86.ModelSpecificRegisters;
import org.maloca.x86.fpu.X87State;
import org.maloca.x86.simd.Mxcsr;

/** Copies the architectural state out of and into a software CPU that does not run. */
public final class CpuStateTransfer {
  private CpuStateTransfer() {}

  /** Copies everything out, but for a pending NMI, which is among the CPU's events. */
  public static void save(Cpu cpu, CpuState state) {
    for (int i = 0; i < state.gpr.length; i++) {
      state.gpr[i] = cpu.gpr(i);
    }
    state.rip = cpu.rip;
    state.rflags = cpu.rflags();
    for (int i = 0; i < state.segments.length; i++) {
      state.segments[i].copyFrom(cpu.segments[i]);
    }
    state.ldtr.copyFrom(cpu.ldtr);
    state.tr.copyFrom(cpu.tr);
    state.gdtrBase = cpu.gdtrBase;
    state.gdtrLimit = cpu.gdtrLimit;
    state.idtrBase = cpu.idtrBase;
    state.idtrLimit = cpu.idtrLimit;
    state.cr0 = cpu.cr0;
    state.cr2 = cpu.cr2;
    state.cr3 = cpu.cr3;
    state.cr4 = cpu.cr4;
    state.cr8 = cpu.bus.taskPriority();
    state.xcr0 = cpu.xcr0;
    System.arraycopy(cpu.dr, 0, state.dr, 0, state.dr.length);
    state.efer = cpu.efer;
    saveRegisters(cpu, state);
    saveFloatingPoint(cpu, state);
    state.halted = cpu.halted;
    state.waitsForStartup = cpu.waitsForStartup;
    state.interruptShadow = cpu.interruptShadow || cpu.inShadow;
    state.nmiBlocked = cpu.nmiBlocked;
  }

  private static void saveRegisters(Cpu cpu, CpuState state) {
    ModelSpecificRegisters msr = cpu.msr;
    state.star = msr.star;
    state.lstar = msr.lstar;
    state.cstar = msr.cstar;
    state.sfmask = msr.sfmask;
    state.kernelGsBase = msr.kernelGsBase;
    state.sysenterCs = msr.sysenterCs;
    state.sysenterEsp = msr.sysenterEsp;
    state.sysenterEip = msr.sysenterEip;
    state.tscAux = msr.tscAux;
    state.pat = msr.pat;
    state.miscEnable = msr.miscEnable;
    state.tscAdjust = msr.tscAdjust;
    state.debugControl = msr.debugControl;
    state.mtrrDefType = msr.mtrrDefType;
    System.arraycopy(msr.mtrrVariable, 0, state.mtrrVariable, 0, msr.mtrrVariable.length);
    System.arraycopy(msr.mtrrFixed, 0, state.mtrrFixed, 0, msr.mtrrFixed.length);
    state.tsc = cpu.timeStamp();
  }

  private static void saveFloatingPoint(Cpu cpu, CpuState state) {
    X87State x87 = cpu.x87;
    System.arraycopy(x87.mantissa, 0, state.x87Mantissa, 0, 8);
    System.arraycopy(x87.signExponent, 0, state.x87SignExponent, 0, 8);
    state.x87Control = x87.control;
    state.x87Status = x87.statusWord();
    state.x87Tag = x87.tagWord();
    state.x87Opcode = x87.lastOpcode;
    state.x87InstructionPointer = x87.lastInstruction;
    state.x87InstructionSelector = x87.lastInstructionSelector;
    state.x87DataPointer = x87.lastData;
    state.x87DataSelector = x87.lastDataSelector;
    System.arraycopy(cpu.xmm, 0, state.xmm, 0, state.xmm.length);
    System.arraycopy(cpu.ymmHigh, 0, state.ymmHigh, 0, cpu.ymmHigh.length);
    state.mxcsr = Mxcsr.get(cpu);
  }

  /** Replaces everything; all translations are forgotten. A pending NMI is the caller's to post. */
  public static void restore(Cpu cpu, CpuState state) {
    for (int i = 0; i < state.gpr.length; i++) {
      cpu.setGpr(i, state.gpr[i]);
    }
    cpu.rip = state.rip;
    for (int i = 0; i < state.segments.length; i++) {
      cpu.segments[i].copyFrom(state.segments[i]);
    }
    cpu.ldtr.copyFrom(state.ldtr);
    cpu.tr.copyFrom(state.tr);
    cpu.gdtrBase = state.gdtrBase;
    cpu.gdtrLimit = state.gdtrLimit;
    cpu.idtrBase = state.idtrBase;
    cpu.idtrLimit = state.idtrLimit;
    cpu.cr0 = state.cr0;
    cpu.cr2 = state.cr2;
    cpu.cr3 = state.cr3;
    cpu.cr4 = state.cr4;
    cpu.bus.setTaskPriority(state.cr8 & 0xf);
    cpu.xcr0 = state.xcr0;
    System.arraycopy(state.dr, 0, cpu.dr, 0, state.dr.length);
    cpu.efer = state.efer;
    cpu.setRflags((int) state.rflags);
    restoreRegisters(cpu, state);
    restoreFloatingPoint(cpu, state);
    cpu.halted = state.halted;
    cpu.waitsForStartup = state.waitsForStartup;
    cpu.interruptShadow = state.interruptShadow;
    cpu.inShadow = false;
    cpu.nmiBlocked = state.nmiBlocked;
    cpu.cpl = privilege(cpu);
    if (cpu.breakpoints.anyEnabled()) {
      cpu.events.post(CpuEvents.TRAP_FLAG);
    }
    cpu.updateMode();
    cpu.mmu.flushAll();
  }

  private static int privilege(Cpu cpu) {
    if ((cpu.cr0 & ControlRegisters.CR0_PE) == 0) {
      return 0;
    }
    if ((cpu.systemFlags & Flags.VM) != 0) {
      return 3;
    }
    return cpu.segments[Cpu.SS].attributes >> SegmentState.ATTR_DPL_SHIFT & 3;
  }

  private static void restoreRegisters(Cpu cpu, CpuState state) {
    ModelSpecificRegisters msr = cpu.msr;
    msr.star = state.star;
    msr.lstar = state.lstar;
    msr.cstar = state.cstar;
    msr.sfmask = state.sfmask;
    msr.kernelGsBase = state.kernelGsBase;
    msr.sysenterCs = state.sysenterCs;
    msr.sysenterEsp = state.sysenterEsp;
    msr.sysenterEip = state.sysenterEip;
    msr.tscAux = state.tscAux;
    msr.pat = state.pat;
    msr.miscEnable = state.miscEnable;
    msr.tscAdjust = state.tscAdjust;
    msr.debugControl = state.debugControl;
    msr.mtrrDefType = state.mtrrDefType;
    System.arraycopy(state.mtrrVariable, 0, msr.mtrrVariable, 0, msr.mtrrVariable.length);
    System.arraycopy(state.mtrrFixed, 0, msr.mtrrFixed, 0, msr.mtrrFixed.length);
    cpu.setTimeStampOffset(state.tsc - cpu.timeStampCounter.ticks());
  }

  private static void restoreFloatingPoint(Cpu cpu, CpuState state) {
    X87State x87 = cpu.x87;
    System.arraycopy(state.x87Mantissa, 0, x87.mantissa, 0, 8);
    System.arraycopy(state.x87SignExponent, 0, x87.signExponent, 0, 8);
    x87.setControl(state.x87Control);
    x87.setStatusWord(state.x87Status);
    x87.setTagWord(state.x87Tag);
    x87.lastOpcode = state.x87Opcode;
    x87.lastInstruction = state.x87InstructionPointer;
    x87.lastInstructionSelector = state.x87InstructionSelector;
    x87.lastData = state.x87DataPointer;
    x87.lastDataSelector = state.x87DataSelector;
    System.arraycopy(state.xmm, 0, cpu.xmm, 0, state.xmm.length);
    System.arraycopy(state.ymmHigh, 0, cpu.ymmHigh, 0, cpu.ymmHigh.length);
    Mxcsr.set(cpu, state.mxcsr);
  }
}
