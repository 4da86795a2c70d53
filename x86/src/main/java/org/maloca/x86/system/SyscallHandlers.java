package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.Efer;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** SYSCALL, SYSRET, SYSENTER and SYSEXIT as AMD has them (AMD APM vol. 2, 6.1; vol. 3). */
final class SyscallHandlers {
  private static final int STAR_SYSCALL_SHIFT = 32;
  private static final int STAR_SYSRET_SHIFT = 48;
  private static final int RPL = 3;

  private SyscallHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.SYSCALL, SyscallHandlers::syscall);
    table.put(Operation.SYSRET, SyscallHandlers::sysret);
    table.put(Operation.SYSENTER, SyscallHandlers::sysenter);
    table.put(Operation.SYSEXIT, SyscallHandlers::sysexit);
  }

  private static void checkSyscallEnabled(Cpu cpu) {
    if ((cpu.efer & Efer.SCE) == 0 || CodeSegment.isPlain(cpu)) {
      throw cpu.undefinedOpcode();
    }
  }

  private static void syscall(Cpu cpu, Insn insn) {
    checkSyscallEnabled(cpu);
    long star = cpu.msr.star;
    cpu.rcx = cpu.ripAfter(insn);
    boolean longMode = cpu.isLongMode();
    if (longMode) {
      cpu.setGpr(11, cpu.rflags() & ~Flags.RF);
      cpu.rip = cpu.is64() ? cpu.msr.lstar : cpu.msr.cstar;
      int flags = cpu.rflags() & ~((int) cpu.msr.sfmask | Flags.RF);
      cpu.setRflags(flags);
    } else {
      cpu.rip = star & 0xffff_ffffL;
      cpu.systemFlags &= ~(Flags.IF | Flags.RF | Flags.VM);
    }
    int selector = (int) (star >>> STAR_SYSCALL_SHIFT) & 0xfffc;
    CodeSegment.loadFlat(cpu, selector, 0, longMode);
    CodeSegment.loadFlatStack(cpu, selector + 8 & 0xffff, 0);
    cpu.cpl = 0;
    cpu.updateMode();
  }

  private static void sysret(Cpu cpu, Insn insn) {
    checkSyscallEnabled(cpu);
    checkKernel(cpu);
    int selector = (int) (cpu.msr.star >>> STAR_SYSRET_SHIFT) & 0xfffc;
    boolean to64 = insn.operandSize == 8;
    int codeSelector = to64 ? selector + 16 : selector;
    CodeSegment.loadFlat(cpu, codeSelector & 0xffff | RPL, 3, to64);
    CodeSegment.loadFlatStack(cpu, selector + 8 & 0xffff | RPL, 3);
    // A target that is not canonical faults at the fetch, with the user's privilege already.
    cpu.rip = to64 ? cpu.rcx : cpu.rcx & 0xffff_ffffL;
    if (cpu.isLongMode()) {
      int mask = FlagImages.KNOWN & ~(Flags.RF | Flags.VM);
      cpu.setRflags((int) cpu.gpr(11) & mask);
    } else {
      cpu.permitInterrupts();
    }
    cpu.cpl = 3;
    cpu.updateMode();
  }

  private static void sysenter(Cpu cpu, Insn insn) {
    if (cpu.isLongMode()) {
      throw cpu.undefinedOpcode();
    }
    int selector = checkedSelector(cpu);
    cpu.systemFlags &= ~(Flags.IF | Flags.RF | Flags.VM);
    CodeSegment.loadFlat(cpu, selector, 0, false);
    CodeSegment.loadFlatStack(cpu, selector + 8 & 0xffff, 0);
    cpu.rsp = cpu.msr.sysenterEsp & 0xffff_ffffL;
    cpu.rip = cpu.msr.sysenterEip & 0xffff_ffffL;
    cpu.cpl = 0;
    cpu.updateMode();
  }

  private static void sysexit(Cpu cpu, Insn insn) {
    if (cpu.isLongMode()) {
      throw cpu.undefinedOpcode();
    }
    int selector = checkedSelector(cpu);
    checkKernel(cpu);
    CodeSegment.loadFlat(cpu, selector + 16 & 0xffff | RPL, 3, false);
    CodeSegment.loadFlatStack(cpu, selector + 24 & 0xffff | RPL, 3);
    cpu.rsp = cpu.rcx & 0xffff_ffffL;
    cpu.rip = cpu.rdx & 0xffff_ffffL;
    cpu.cpl = 3;
    cpu.updateMode();
  }

  private static int checkedSelector(Cpu cpu) {
    int selector = (int) cpu.msr.sysenterCs & 0xfffc;
    if (!cpu.isProtected() || selector == 0) {
      throw cpu.generalProtection();
    }
    return selector;
  }

  private static void checkKernel(Cpu cpu) {
    if (cpu.cpl != 0) {
      throw cpu.generalProtection();
    }
  }
}
