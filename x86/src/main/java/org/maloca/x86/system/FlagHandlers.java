package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** POPF, CLI, STI, CLAC, STAC and HLT (AMD APM vol. 3). */
final class FlagHandlers {
  private FlagHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.POPF, FlagHandlers::popf);
    table.put(Operation.CLI, FlagHandlers::cli);
    table.put(Operation.STI, FlagHandlers::sti);
    table.put(Operation.CLAC, (cpu, insn) -> setAlignmentCheck(cpu, insn, false));
    table.put(Operation.STAC, (cpu, insn) -> setAlignmentCheck(cpu, insn, true));
    table.put(Operation.HLT, FlagHandlers::halt);
  }

  private static void popf(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    StackReader stack = new StackReader(cpu);
    int image = (int) stack.pop(size);
    int mask;
    if (!cpu.isVirtual8086()) {
      mask = FlagImages.cut(FlagImages.changeable(cpu), size);
    } else if (cpu.iopl() == 3) {
      mask = FlagImages.cut(FlagImages.ALWAYS | Flags.IF, size);
    } else if ((cpu.cr4 & ControlRegisters.CR4_VME) != 0 && size == 2) {
      image = VirtualInterruptFlag.translate(cpu, image);
      mask = FlagImages.ALWAYS & 0xffff | Flags.VIF;
    } else {
      throw cpu.generalProtection();
    }
    stack.commit();
    int before = cpu.systemFlags;
    FlagImages.apply(cpu, image, mask);
    if (((before ^ cpu.systemFlags) & Flags.AC) != 0) {
      cpu.updateMode();
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static boolean mayChangeInterruptFlag(Cpu cpu) {
    return cpu.cpl <= cpu.iopl();
  }

  private static void cli(Cpu cpu, Insn insn) {
    if (mayChangeInterruptFlag(cpu)) {
      cpu.maskInterrupts();
    } else if (VirtualInterruptFlag.isOffered(cpu)) {
      cpu.systemFlags &= ~Flags.VIF;
    } else {
      throw cpu.generalProtection();
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void sti(Cpu cpu, Insn insn) {
    if (mayChangeInterruptFlag(cpu)) {
      cpu.permitInterruptsBehindNext();
    } else if (VirtualInterruptFlag.isOffered(cpu) && (cpu.systemFlags & Flags.VIP) == 0) {
      cpu.systemFlags |= Flags.VIF;
    } else {
      throw cpu.generalProtection();
    }
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void setAlignmentCheck(Cpu cpu, Insn insn, boolean set) {
    if (cpu.cpl != 0) {
      throw cpu.undefinedOpcode();
    }
    cpu.setAlignmentCheck(set);
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void halt(Cpu cpu, Insn insn) {
    if (cpu.cpl != 0) {
      throw cpu.generalProtection();
    }
    cpu.halted = true;
    cpu.rip = cpu.ripAfter(insn);
  }
}
