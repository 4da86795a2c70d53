package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;

/** Which RFLAGS bits POPF and IRET may change at which privilege (AMD APM vol. 3). */
final class FlagImages {
  /** Changed whatever the privilege. */
  static final int ALWAYS = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT | Flags.AC | Flags.ID;

  /** Every bit that exists. */
  static final int KNOWN =
      ALWAYS | Flags.IF | Flags.IOPL | Flags.RF | Flags.VM | Flags.VIF | Flags.VIP;

  private FlagImages() {}

  /** Bits that a return at the current privilege may change, but for RF and VM. */
  static int changeable(Cpu cpu) {
    int mask = ALWAYS;
    if (cpu.cpl <= cpu.iopl()) {
      mask |= Flags.IF;
    }
    if (cpu.cpl == 0) {
      mask |= Flags.IOPL;
    }
    return mask;
  }

  /** Of an operand of 2 bytes only the low word counts. */
  static int cut(int mask, int operandSize) {
    return operandSize == 2 ? mask & 0xffff : mask;
  }

  /** Sets the masked bits of RFLAGS from an image; the caller updates the mode. */
  static void apply(Cpu cpu, int image, int mask) {
    cpu.setRflags(cpu.rflags() & ~mask | image & mask);
  }

  /**
   * As {@link #apply} for IRET. RF holds breakpoints off for one instruction; where none is enabled
   * it is dropped, since nothing would clear it.
   */
  static void applyReturn(Cpu cpu, int image, int mask) {
    int kept = cpu.breakpoints.anyEnabled() ? image : image & ~Flags.RF;
    apply(cpu, kept, mask);
  }
}
