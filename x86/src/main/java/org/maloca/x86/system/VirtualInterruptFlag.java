package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;

/**
 * VIF and VIP of the virtual-8086 and protected-mode extensions (Intel SDM vol. 3, 20.3 and 20.4).
 */
final class VirtualInterruptFlag {
  private VirtualInterruptFlag() {}

  /** Whether CLI and STI act on VIF, given that IOPL does not permit them to act on IF. */
  static boolean isOffered(Cpu cpu) {
    return cpu.isVirtual8086()
        ? (cpu.cr4 & ControlRegisters.CR4_VME) != 0
        : cpu.cpl == 3 && (cpu.cr4 & ControlRegisters.CR4_PVI) != 0;
  }

  /**
   * Turns the IF of a 16-bit image that POPF or IRET of a virtual-8086 task loads into VIF.
   *
   * @throws org.maloca.x86.GuestFault #GP(0) if the monitor must see it
   */
  static int translate(Cpu cpu, int image) {
    boolean enables = (image & Flags.IF) != 0;
    if ((image & Flags.TF) != 0 || enables && (cpu.systemFlags & Flags.VIP) != 0) {
      throw cpu.generalProtection();
    }
    return image & ~Flags.IF | (enables ? Flags.VIF : 0);
  }
}
