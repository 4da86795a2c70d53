package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;

/** Privilege checks that many instructions share. */
final class Privilege {
  private Privilege() {}

  /** #GP(0) above CPL 0. */
  static void requireKernel(Cpu cpu) {
    if (cpu.cpl != 0) {
      throw cpu.generalProtection();
    }
  }

  /** UMIP: #GP(0) for SGDT and its kin in user mode. */
  static void checkUserModePrevention(Cpu cpu) {
    if (cpu.cpl == 3 && (cpu.cr4 & ControlRegisters.CR4_UMIP) != 0) {
      throw cpu.generalProtection();
    }
  }
}
