package org.maloca.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.Efer;
import org.maloca.x86.TimeStampCounter;

/**
 * A software CPU in the state that a 64-bit Linux gives to a process, with the pages of {@link
 * CaseSpace} mapped and nothing else. For one thread.
 */
final class UserModeCpu {
  static final int RAM_PAGES = 16;

  private static final int PAGE = CaseSpace.PAGE_BYTES;

  // Guest-physical pages.
  private static final int PML4 = 0;
  private static final int PDPT = 1;
  private static final int DIRECTORY = 2;
  private static final int CODE_TABLE = 3;
  private static final int DATA_TABLE = 4;
  private static final int CODE = 5;
  private static final int WINDOW = 6;
  private static final int READ_ONLY = 8;

  // Page table entries: AMD APM vol. 2, 5.4.1.
  private static final long PRESENT_USER_ACCESSED = 0x25;
  private static final long WRITABLE = 2;
  private static final long DIRTY = 0x40;
  private static final long NO_EXECUTE = Long.MIN_VALUE;

  private static final int USER = 3 << SegmentState.ATTR_DPL_SHIFT;
  private static final int CODE_SEGMENT =
      SegmentState.ATTR_P | SegmentState.ATTR_S | USER | SegmentState.ATTR_L | 0xb;
  private static final int DATA_SEGMENT =
      SegmentState.ATTR_P
          | SegmentState.ATTR_S
          | USER
          | SegmentState.ATTR_DB
          | SegmentState.ATTR_G
          | 3;
  private static final int BUSY_TSS = SegmentState.ATTR_P | 0xb;

  final Cpu cpu;
  final GuestMemory memory;
  private final MemorySegment ram;

  UserModeCpu(Arena arena) {
    ram = arena.allocate((long) RAM_PAGES * PAGE, PAGE);
    var region = new MemoryRegion.Ram(0, ram.byteSize(), ram.address(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_PAGES);
    cpu = new Cpu(0, memory, new NoBus(), new CpuFeatures(1), new StoppedClock());
    mapPages();
    page(CODE).fill((byte) 0xcc);
    enterUserMode();
  }

  private MemorySegment page(int number) {
    return ram.asSlice((long) number * PAGE, PAGE);
  }

  /** The RAM behind {@link CaseSpace#WINDOW_GVA}. */
  MemorySegment window() {
    return ram.asSlice((long) WINDOW * PAGE, CaseSpace.WINDOW_BYTES);
  }

  /** The RAM behind {@link CaseSpace#READ_ONLY_GVA}. */
  MemorySegment readOnlyPage() {
    return page(READ_ONLY);
  }

  /** Writes to the code page as a device would, so that decoded code goes stale. */
  void writeCode(int offset, byte[] bytes, int length) {
    memory.write((long) CODE * PAGE + offset, bytes, 0, length);
  }

  private void mapPages() {
    entry(PML4, 0, PDPT, WRITABLE);
    entry(PDPT, 0, DIRECTORY, WRITABLE);
    entry(DIRECTORY, tableIndex(CaseSpace.CODE_GVA), CODE_TABLE, WRITABLE);
    entry(DIRECTORY, tableIndex(CaseSpace.WINDOW_GVA), DATA_TABLE, WRITABLE);
    entry(CODE_TABLE, pageIndex(CaseSpace.CODE_GVA), CODE, DIRTY);
    int first = pageIndex(CaseSpace.WINDOW_GVA);
    entry(DATA_TABLE, first, WINDOW, WRITABLE | DIRTY | NO_EXECUTE);
    entry(DATA_TABLE, first + 1, WINDOW + 1, WRITABLE | DIRTY | NO_EXECUTE);
    entry(DATA_TABLE, pageIndex(CaseSpace.READ_ONLY_GVA), READ_ONLY, DIRTY | NO_EXECUTE);
  }

  private void entry(int table, int index, int target, long attributes) {
    long value = (long) target * PAGE | PRESENT_USER_ACCESSED | attributes;
    page(table).setAtIndex(ValueLayout.JAVA_LONG, index, value);
  }

  private static int tableIndex(long gva) {
    return (int) (gva >>> 21) & 511;
  }

  private static int pageIndex(long gva) {
    return (int) (gva >>> 12) & 511;
  }

  private void enterUserMode() {
    cpu.cr0 =
        ControlRegisters.CR0_PE
            | ControlRegisters.CR0_MP
            | ControlRegisters.CR0_ET
            | ControlRegisters.CR0_NE
            | ControlRegisters.CR0_WP
            | ControlRegisters.CR0_AM
            | ControlRegisters.CR0_PG;
    cpu.cr3 = (long) PML4 * PAGE;
    cpu.cr4 =
        ControlRegisters.CR4_PAE
            | ControlRegisters.CR4_OSFXSR
            | ControlRegisters.CR4_OSXMMEXCPT
            | ControlRegisters.CR4_FSGSBASE
            | ControlRegisters.CR4_OSXSAVE;
    cpu.xcr0 = 3;
    cpu.efer = Efer.SCE | Efer.LME | Efer.LMA | Efer.NXE;
    cpu.segments[Cpu.CS].set(CaseSpace.CS, 0, -1, CODE_SEGMENT);
    cpu.segments[Cpu.SS].set(CaseSpace.SS, 0, -1, DATA_SEGMENT);
    // Too short for an I/O permission bitmap.
    cpu.tr.set(0x40, 0, 0, BUSY_TSS);
    cpu.cpl = 3;
    cpu.setRflags(0x202);
    cpu.updateMode();
  }

  private static final class StoppedClock implements TimeStampCounter {
    @Override
    public long ticks() {
      return 0;
    }

    @Override
    public long frequencyHz() {
      return 1_000_000_000;
    }
  }

  /** There is nothing outside the CPU, and a case that gets there has failed to fault. */
  private static final class NoBus implements VcpuBus {
    @Override
    public long portRead(int port, int size) {
      return 0xffff_ffffL;
    }

    @Override
    public void portWrite(int port, int size, long value) {}

    @Override
    public int acknowledgeInterrupt() {
      return -1;
    }

    @Override
    public int taskPriority() {
      return 0;
    }

    @Override
    public void setTaskPriority(int priorityClass) {}

    @Override
    public boolean readMsr(int index, long[] value) {
      return false;
    }

    @Override
    public boolean writeMsr(int index, long value) {
      return false;
    }
  }
}
