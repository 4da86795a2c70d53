package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/**
 * Loads ES, SS, DS, FS and GS with the checks that protected mode asks for (AMD APM vol. 2, 4.10
 * and 4.11). Nothing changes when a check fails.
 */
final class SegmentLoader {
  /** Present, accessed, writable data of DPL 3: what virtual-8086 segments are. */
  private static final int VIRTUAL_8086_ATTRIBUTES =
      SegmentState.ATTR_P | SegmentState.ATTR_S | 3 << SegmentState.ATTR_DPL_SHIFT | 3;

  private SegmentLoader() {}

  /** Loads a segment register and brings the mode up to date. */
  static void load(Cpu cpu, int register, int selector) {
    if (!cpu.isProtected()) {
      loadReal(cpu, register, selector);
    } else if (cpu.isVirtual8086()) {
      loadVirtual8086(cpu, register, selector);
    } else if (register == Cpu.SS) {
      loadStack(cpu, selector, cpu.cpl, GuestFault.GP);
    } else {
      loadData(cpu, register, selector, GuestFault.GP);
    }
    cpu.updateMode();
  }

  /** Real mode keeps limit and attributes, on which "unreal" mode builds. */
  static void loadReal(Cpu cpu, int register, int selector) {
    SegmentState segment = cpu.segments[register];
    segment.selector = selector;
    segment.base = (long) selector << 4;
  }

  static void loadVirtual8086(Cpu cpu, int register, int selector) {
    cpu.segments[register].set(selector, (long) selector << 4, 0xffff, VIRTUAL_8086_ATTRIBUTES);
  }

  /** Loads DS, ES, FS or GS; {@code vector} is #GP, or #TS in a task switch. */
  static void loadData(Cpu cpu, int register, int selector, int vector) {
    SegmentState segment = cpu.segments[register];
    if (DescriptorTables.isNull(selector)) {
      makeNull(segment, selector);
      return;
    }
    long raw = DescriptorTables.read(cpu, selector, vector);
    boolean checked = !Descriptor.isConformingCode(raw);
    int privilege = Math.max(selector & 3, cpu.cpl);
    if (!Descriptor.isReadable(raw) || checked && privilege > Descriptor.dpl(raw)) {
      throw cpu.fault(vector, DescriptorTables.errorCode(selector));
    }
    if (!Descriptor.isPresent(raw)) {
      throw cpu.fault(GuestFault.NP, DescriptorTables.errorCode(selector));
    }
    DescriptorTables.markAccessed(cpu, selector, raw);
    Descriptor.load(segment, selector, raw);
  }

  /** Loads SS for a privilege level; {@code vector} is #GP, or #TS in a task switch. */
  static void loadStack(Cpu cpu, int selector, int privilege, int vector) {
    if (DescriptorTables.isNull(selector)) {
      if (!cpu.is64() || privilege == 3 || (selector & 3) != privilege) {
        throw cpu.fault(vector, 0);
      }
      makeNullStack(cpu, selector, privilege);
      return;
    }
    long raw = readStack(cpu, selector, privilege, vector);
    DescriptorTables.markAccessed(cpu, selector, raw);
    Descriptor.load(cpu.segments[Cpu.SS], selector, raw);
  }

  /** Reads and checks a stack segment's descriptor for a privilege level. */
  static long readStack(Cpu cpu, int selector, int privilege, int vector) {
    int errorCode = DescriptorTables.errorCode(selector);
    long raw = DescriptorTables.read(cpu, selector, vector);
    if ((selector & 3) != privilege
        || !Descriptor.isWritableData(raw)
        || Descriptor.dpl(raw) != privilege) {
      throw cpu.fault(vector, errorCode);
    }
    if (!Descriptor.isPresent(raw)) {
      throw cpu.fault(GuestFault.SS, errorCode);
    }
    return raw;
  }

  static void makeNull(SegmentState segment, int selector) {
    segment.set(selector, 0, 0, 0);
  }

  /** The null SS of 64-bit code below CPL 3; it still carries the privilege level. */
  static void makeNullStack(Cpu cpu, int selector, int privilege) {
    cpu.segments[Cpu.SS].set(selector, 0, 0, privilege << SegmentState.ATTR_DPL_SHIFT);
  }

  /** After a return to outer privilege, empties the data segments that it may not use. */
  static void dropInnerSegments(Cpu cpu) {
    dropIfInner(cpu, Cpu.ES);
    dropIfInner(cpu, Cpu.DS);
    dropIfInner(cpu, Cpu.FS);
    dropIfInner(cpu, Cpu.GS);
  }

  private static void dropIfInner(Cpu cpu, int register) {
    SegmentState segment = cpu.segments[register];
    int dpl = segment.attributes >> SegmentState.ATTR_DPL_SHIFT & 3;
    boolean conforming = (segment.attributes & 0xc) == 0xc;
    // An unusable register keeps its base: FS and GS have one from their MSRs.
    if ((segment.attributes & SegmentState.ATTR_P) != 0 && dpl < cpu.cpl && !conforming) {
      segment.selector = 0;
      segment.attributes = 0;
    }
  }
}
