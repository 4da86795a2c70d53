package org.maloca.x86.system;

import org.maloca.x86.Breakpoints;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** MOV to and from debug registers (AMD APM vol. 2, 13.1.1; vol. 3). */
final class DebugRegisterHandlers {
  private static final long DR6_WRITABLE = 0xe00f;
  private static final long DR6_ONES = 0xffff_0ff0L;
  private static final long DR7_WRITABLE = 0xffff_23ffL;
  private static final long DR7_ONES = 0x400;

  private DebugRegisterHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOV_TO_DR, DebugRegisterHandlers::write);
    table.put(Operation.MOV_FROM_DR, DebugRegisterHandlers::read);
  }

  /** Checks the access; returns the register that the number stands for. */
  private static int checked(Cpu cpu, int number) {
    boolean alias = number == 4 || number == 5;
    if (alias && (cpu.cr4 & ControlRegisters.CR4_DE) != 0) {
      throw cpu.undefinedOpcode();
    }
    Privilege.requireKernel(cpu);
    if ((cpu.dr[7] & Breakpoints.DR7_GD) != 0) {
      cpu.dr[7] &= ~Breakpoints.DR7_GD;
      cpu.dr[6] |= Breakpoints.DR6_BD;
      throw cpu.fault(GuestFault.DB, 0);
    }
    return alias ? number + 2 : number;
  }

  private static void write(Cpu cpu, Insn insn) {
    int number = checked(cpu, insn.register0);
    long value = cpu.gpr(insn.register1, insn.operandSize);
    if (number >= 6 && value >>> 32 != 0) {
      throw cpu.generalProtection();
    }
    long next = cpu.ripAfter(insn);
    switch (number) {
      case 6 -> cpu.dr[6] = value & DR6_WRITABLE | DR6_ONES;
      case 7 -> {
        cpu.dr[7] = value & DR7_WRITABLE | DR7_ONES;
        // Data breakpoints are seen on the memory unit's slow path only.
        cpu.updateMode();
      }
      default -> cpu.dr[number] = value;
    }
    if (cpu.breakpoints.anyEnabled()) {
      // Where nothing had to be attended to, one of long ago is still noted.
      cpu.interruptShadow = false;
      cpu.events.post(CpuEvents.TRAP_FLAG);
    }
    cpu.rip = next;
  }

  private static void read(Cpu cpu, Insn insn) {
    int number = checked(cpu, insn.register1);
    cpu.setGpr(insn.register0, insn.operandSize, cpu.dr[number]);
  }
}
