package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

/** Checks and loads CS for far transfers (AMD APM vol. 2, 4.11.2). */
final class CodeSegment {
  private CodeSegment() {}

  /** Whether code of this descriptor runs in 64-bit mode. */
  static boolean is64(Cpu cpu, long raw) {
    return cpu.isLongMode() && Descriptor.isLong(raw);
  }

  /** Refuses what is no code segment, or has both L and D in long mode. */
  static void checkIsCode(Cpu cpu, int selector, long raw, int vector) {
    if (!Descriptor.isCode(raw)
        || cpu.isLongMode() && Descriptor.isLong(raw) && Descriptor.isBig(raw)) {
      throw cpu.fault(vector, DescriptorTables.errorCode(selector));
    }
  }

  static void checkPresent(Cpu cpu, int selector, long raw) {
    if (!Descriptor.isPresent(raw)) {
      throw cpu.fault(GuestFault.NP, DescriptorTables.errorCode(selector));
    }
  }

  /** Reads the descriptor that a direct far JMP or CALL names; may be a system descriptor. */
  static long readTarget(Cpu cpu, int selector) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.generalProtection();
    }
    return DescriptorTables.read(cpu, selector, GuestFault.GP);
  }

  /** The checks of a direct far JMP or CALL to a code segment. */
  static void checkDirect(Cpu cpu, int selector, long raw) {
    checkIsCode(cpu, selector, raw, GuestFault.GP);
    int dpl = Descriptor.dpl(raw);
    boolean permitted =
        Descriptor.isConformingCode(raw)
            ? dpl <= cpu.cpl
            : (selector & 3) <= cpu.cpl && dpl == cpu.cpl;
    if (!permitted) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    checkPresent(cpu, selector, raw);
  }

  /** Reads and checks the code segment that IRET or a far RET goes back to. */
  static long readReturn(Cpu cpu, int selector) {
    long raw = readTarget(cpu, selector);
    checkIsCode(cpu, selector, raw, GuestFault.GP);
    int rpl = selector & 3;
    int dpl = Descriptor.dpl(raw);
    boolean matches = Descriptor.isConformingCode(raw) ? dpl <= rpl : dpl == rpl;
    if (rpl < cpu.cpl || !matches) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    checkPresent(cpu, selector, raw);
    return raw;
  }

  /** Refuses an offset that is not in the code segment. */
  static void checkOffset(Cpu cpu, long raw, long offset) {
    boolean inside =
        is64(cpu, raw)
            ? ControlRegisterRules.isCanonical(offset)
            : Long.compareUnsigned(offset, Descriptor.limit(raw) & 0xffff_ffffL) <= 0;
    if (!inside) {
      throw cpu.generalProtection();
    }
  }

  /** Loads CS; the selector's RPL becomes the privilege level. The caller updates the mode. */
  static void load(Cpu cpu, int selector, long raw, int privilege) {
    Descriptor.load(cpu.segments[Cpu.CS], selector & 0xfffc | privilege, raw);
  }

  /** Goes on at an address of real or virtual-8086 mode. */
  static void jumpReal(Cpu cpu, int selector, long offset) {
    checkRealOffset(cpu, offset);
    loadReal(cpu, selector);
    cpu.rip = offset;
    cpu.updateMode();
  }

  static void checkRealOffset(Cpu cpu, long offset) {
    if (offset > (cpu.segments[Cpu.CS].limit & 0xffff_ffffL)) {
      throw cpu.generalProtection();
    }
  }

  static void loadReal(Cpu cpu, int selector) {
    SegmentState cs = cpu.segments[Cpu.CS];
    cs.selector = selector;
    cs.base = (long) selector << 4;
  }

  /** Loads a flat code segment as SYSCALL and its kin do, without a descriptor. */
  static void loadFlat(Cpu cpu, int selector, int privilege, boolean is64) {
    int size = is64 ? SegmentState.ATTR_L : SegmentState.ATTR_DB;
    cpu.segments[Cpu.CS].set(selector, 0, -1, flatAttributes(privilege) | 0xb | size);
  }

  /** Loads a flat stack segment likewise. */
  static void loadFlatStack(Cpu cpu, int selector, int privilege) {
    cpu.segments[Cpu.SS].set(selector, 0, -1, flatAttributes(privilege) | 3 | SegmentState.ATTR_DB);
  }

  private static int flatAttributes(int privilege) {
    return SegmentState.ATTR_P
        | SegmentState.ATTR_S
        | SegmentState.ATTR_G
        | privilege << SegmentState.ATTR_DPL_SHIFT;
  }

  /** Whether selectors are plain paragraph numbers now. */
  static boolean isPlain(Cpu cpu) {
    return !cpu.isProtected() || (cpu.systemFlags & Flags.VM) != 0;
  }
}
