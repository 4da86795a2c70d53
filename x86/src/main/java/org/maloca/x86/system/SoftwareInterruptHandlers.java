package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** INT n, INT3, INT1, INTO, and the operations that are always undefined (AMD APM vol. 3). */
final class SoftwareInterruptHandlers {
  private SoftwareInterruptHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.INT, SoftwareInterruptHandlers::interrupt);
    table.put(
        Operation.INT3,
        (cpu, insn) -> InterruptDelivery.software(cpu, GuestFault.BP, cpu.ripAfter(insn)));
    table.put(Operation.INTO, SoftwareInterruptHandlers::overflow);
    table.put(Operation.INT1, SoftwareInterruptHandlers::debugTrap);
    table.put(Operation.UD, SoftwareInterruptHandlers::undefined);
    // Outside system management mode RSM is undefined; the others belong to features not offered.
    table.put(Operation.RSM, SoftwareInterruptHandlers::undefined);
    table.put(Operation.MONITOR, SoftwareInterruptHandlers::undefined);
    table.put(Operation.MWAIT, SoftwareInterruptHandlers::undefined);
  }

  private static void undefined(Cpu cpu, Insn insn) {
    throw cpu.undefinedOpcode();
  }

  private static void interrupt(Cpu cpu, Insn insn) {
    int vector = (int) insn.immediate & 0xff;
    if (cpu.isVirtual8086()) {
      if ((cpu.cr4 & ControlRegisters.CR4_VME) != 0
          && TaskStateSegment.redirectsToTask(cpu, vector)) {
        InterruptEvent event =
            new InterruptEvent(
                vector, InterruptEvent.NO_ERROR_CODE, cpu.ripAfter(insn), cpu.rflags(), true);
        RealModeInterrupt.deliverInsideTask(cpu, event);
        return;
      }
      if (cpu.iopl() < 3) {
        throw cpu.generalProtection();
      }
    }
    InterruptDelivery.software(cpu, vector, cpu.ripAfter(insn));
  }

  private static void overflow(Cpu cpu, Insn insn) {
    if ((cpu.arithmeticFlags() & Flags.OF) != 0) {
      InterruptDelivery.software(cpu, GuestFault.OF, cpu.ripAfter(insn));
    } else {
      cpu.rip = cpu.ripAfter(insn);
    }
  }

  /** INT1 is an exception, not a software interrupt: no gate's privilege stops it. */
  private static void debugTrap(Cpu cpu, Insn insn) {
    long before = cpu.rip;
    cpu.rip = cpu.ripAfter(insn);
    if (!InterruptDelivery.raise(cpu, GuestFault.DB, 0)) {
      cpu.rip = before;
      throw cpu.fault(GuestFault.DF, 0);
    }
  }
}
