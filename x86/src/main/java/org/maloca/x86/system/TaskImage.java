package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

/** A task's registers as its 32- or 16-bit TSS holds them (AMD APM vol. 2, 12.2.4). */
final class TaskImage {
  private static final int BYTES_32 = 0x68;
  private static final int BYTES_16 = 0x2c;

  // Offsets in the 32-bit TSS.
  private static final int CR3 = 0x1c;
  private static final int EIP = 0x20;
  private static final int LDT_32 = 0x60;
  private static final int TRAP = 0x64;

  // Offsets in the 16-bit TSS.
  private static final int IP = 0x0e;
  private static final int LDT_16 = 0x2a;

  private static final int[] LOAD_ORDER = {Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS};

  private final boolean wide;
  private final long[] registers = new long[8];
  private final int[] selectors = new int[6];
  private long cr3;
  private long rip;
  private int ldt;

  int flags;

  /** The T bit: a debug trap follows the switch. */
  boolean traps;

  private TaskImage(boolean wide) {
    this.wide = wide;
  }

  static int bytes(boolean wide) {
    return wide ? BYTES_32 : BYTES_16;
  }

  /** Reads a TSS. */
  static TaskImage load(Cpu cpu, long base, boolean wide) {
    TaskImage image = new TaskImage(wide);
    int size = wide ? 4 : 2;
    long at = base + (wide ? EIP : IP);
    image.rip = cpu.mmu.systemLoad(at, size);
    image.flags = (int) cpu.mmu.systemLoad(at + size, size);
    at += 2L * size;
    for (int i = 0; i < image.registers.length; i++, at += size) {
      image.registers[i] = cpu.mmu.systemLoad(at, size);
    }
    int count = wide ? 6 : 4;
    for (int i = 0; i < count; i++, at += size) {
      image.selectors[i] = (int) cpu.mmu.systemLoad(at, 2);
    }
    image.ldt = (int) cpu.mmu.systemLoad(base + (wide ? LDT_32 : LDT_16), 2);
    if (wide) {
      image.cr3 = cpu.mmu.systemLoad(base + CR3, 4);
      image.traps = (cpu.mmu.systemLoad(base + TRAP, 2) & 1) != 0;
    }
    return image;
  }

  /** Stores the running task's registers in its TSS. */
  static void save(Cpu cpu, long base, boolean wide, long rip, int flags) {
    int size = wide ? 4 : 2;
    long at = base + (wide ? EIP : IP);
    cpu.mmu.systemStore(at, size, rip);
    cpu.mmu.systemStore(at + size, size, flags);
    at += 2L * size;
    for (int i = 0; i < 8; i++, at += size) {
      cpu.mmu.systemStore(at, size, cpu.gpr(i));
    }
    int count = wide ? 6 : 4;
    for (int i = 0; i < count; i++, at += size) {
      cpu.mmu.systemStore(at, 2, cpu.segments[i].selector);
    }
  }

  /** Makes everything but the segments' hidden parts the CPU's state. */
  void install(Cpu cpu) {
    if (wide && (cpu.cr0 & ControlRegisters.CR0_PG) != 0) {
      cpu.cr3 = cr3;
      cpu.mmu.enterAddressSpace(false);
    }
    for (int i = 0; i < registers.length; i++) {
      cpu.setGpr(i, wide ? registers[i] : 0xffff_0000L | registers[i]);
    }
    cpu.rip = rip;
    cpu.setRflags(flags & (wide ? FlagImages.KNOWN : 0xffff & FlagImages.KNOWN));
    cpu.dr[7] &= ~0x155L;
    for (int i = 0; i < selectors.length; i++) {
      cpu.segments[i].set(selectors[i], 0, 0, 0);
    }
    cpu.ldtr.set(ldt, 0, 0, 0);
    boolean virtual8086 = (cpu.systemFlags & Flags.VM) != 0;
    cpu.cpl = virtual8086 ? 3 : selectors[Cpu.CS] & 3;
    cpu.segments[Cpu.SS].attributes = cpu.cpl << SegmentState.ATTR_DPL_SHIFT;
    cpu.updateMode();
  }

  /** Loads the hidden parts with the checks of a task switch; throws #TS, #NP or #SS. */
  void loadSegments(Cpu cpu) {
    loadLocalTable(cpu);
    if (cpu.isVirtual8086()) {
      for (int i = 0; i < selectors.length; i++) {
        SegmentLoader.loadVirtual8086(cpu, i, selectors[i]);
      }
    } else {
      loadCode(cpu);
      SegmentLoader.loadStack(cpu, selectors[Cpu.SS], cpu.cpl, GuestFault.TS);
      for (int register : LOAD_ORDER) {
        SegmentLoader.loadData(cpu, register, selectors[register], GuestFault.TS);
      }
    }
    cpu.updateMode();
  }

  private void loadLocalTable(Cpu cpu) {
    if (DescriptorTables.isNull(ldt)) {
      return;
    }
    int errorCode = DescriptorTables.errorCode(ldt);
    if (DescriptorTables.isLocal(ldt)) {
      throw cpu.fault(GuestFault.TS, errorCode);
    }
    long raw = DescriptorTables.read(cpu, ldt, GuestFault.TS);
    boolean isTable =
        !Descriptor.isSegment(raw)
            && Descriptor.type(raw) == Descriptor.TYPE_LDT
            && Descriptor.isPresent(raw);
    if (!isTable) {
      throw cpu.fault(GuestFault.TS, errorCode);
    }
    cpu.ldtr.set(ldt, Descriptor.base(raw), Descriptor.limit(raw), Descriptor.attributes(raw));
  }

  private void loadCode(Cpu cpu) {
    int selector = selectors[Cpu.CS];
    int errorCode = DescriptorTables.errorCode(selector);
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(GuestFault.TS, 0);
    }
    long raw = DescriptorTables.read(cpu, selector, GuestFault.TS);
    int dpl = Descriptor.dpl(raw);
    boolean matches = Descriptor.isConformingCode(raw) ? dpl <= cpu.cpl : dpl == cpu.cpl;
    if (!Descriptor.isCode(raw) || !matches) {
      throw cpu.fault(GuestFault.TS, errorCode);
    }
    CodeSegment.checkPresent(cpu, selector, raw);
    DescriptorTables.markAccessed(cpu, selector, raw);
    CodeSegment.load(cpu, selector, raw, cpu.cpl);
    cpu.updateMode();
  }
}
