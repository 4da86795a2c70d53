package org.maloca.x86.mmu;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.code.CodeWatch;

/**
 * Memory accesses that missed the TLB: walks, fills, device registers, accesses across pages, pages
 * that are watched for code, and data breakpoints.
 */
final class SlowPath {
  private final Cpu cpu;
  private final Mmu mmu;
  @Nullable CodeWatch codeWatch;

  /** Set by {@link #hostForUpdate}: where in RAM the bytes are. */
  long updateRamOffset;

  SlowPath(Cpu cpu, Mmu mmu) {
    this.cpu = cpu;
    this.mmu = mmu;
  }

  long load(long va, int size) {
    mmu.checkAlignment(va, size);
    if (crossesPage(va, size)) {
      return loadAcross(va, size, cpu.cpl == 3, overridesSmap());
    }
    long value = readPhysical(translate(va, PageWalker.READ), size);
    noteAccess(va, size, false);
    return value;
  }

  void store(long va, int size, long value) {
    mmu.checkAlignment(va, size);
    if (crossesPage(va, size)) {
      storeAcross(va, size, value, cpu.cpl == 3, overridesSmap());
    } else {
      long gpa = translate(va, PageWalker.WRITE);
      leaveRegionIfItsCode(gpa, size);
      writePhysical(gpa, size, value);
    }
    noteAccess(va, size, true);
  }

  void probe(long va, int size, int access) {
    mmu.checkAlignment(va, size);
    translate(va, access);
    if (crossesPage(va, size)) {
      translate(cpu.wrapLinear((va | 0xfff) + 1), access);
    }
  }

  long systemLoad(long va, int size) {
    if (crossesPage(va, size)) {
      return loadAcross(va, size, false, false);
    }
    mmu.walker.walk(va, PageWalker.READ, false, false);
    return readPhysical(mmu.walker.gpa, size);
  }

  void systemStore(long va, int size, long value) {
    if (crossesPage(va, size)) {
      storeAcross(va, size, value, false, false);
      return;
    }
    mmu.walker.walk(va, PageWalker.WRITE, false, false);
    writePhysical(mmu.walker.gpa, size, value);
  }

  /**
   * The host address of bytes in one page that are RAM, watched or not, for a LOCKed update; 0 for
   * all else. Faults as a store would. The caller tells {@link #updated} after the update.
   */
  long hostForUpdate(long va, int size) {
    mmu.checkAlignment(va, size);
    long gpa = translate(va, PageWalker.WRITE);
    if (!(mmu.region(gpa) instanceof MemoryRegion.Ram ram) || gpa + size > ram.end()) {
      return 0;
    }
    leaveRegionIfItsCode(gpa, size);
    updateRamOffset = ram.ramOffset() + (gpa - ram.gpa());
    return ram.hostAddress() + (gpa - ram.gpa());
  }

  /** The bytes found by {@link #hostForUpdate} were updated. */
  void updated(long va, int size, long ramOffset) {
    noteWritten(ramOffset, size);
    noteAccess(va, size, true);
  }

  /** The first linear address of the page after that of an address. */
  long nextPage(long va) {
    return cpu.wrapLinear((va | 0xfff) + 1);
  }

  private boolean overridesSmap() {
    return (cpu.systemFlags & Flags.AC) != 0;
  }

  private static boolean crossesPage(long va, int size) {
    return (va & 0xfff) + size > 0x1000;
  }

  /** Walks at the current privilege and fills the TLB. */
  private long translate(long va, int access) {
    PageWalker walker = mmu.walker;
    walker.walk(va, access, cpu.cpl == 3, overridesSmap());
    long gpa = walker.gpa;
    if (mmu.bankNumber != Tlb.BANK_DEAD) {
      fill(va, gpa, walker);
    }
    return gpa;
  }

  private void fill(long va, long gpa, PageWalker walker) {
    switch (mmu.region(gpa)) {
      case MemoryRegion.Ram ram when wholePage(ram, gpa) -> {
        long inRegion = gpa - ram.gpa();
        long ramPage = ram.ramOffset() + inRegion >>> 12;
        boolean writable =
            walker.writable && (codeWatch == null || codeWatch.mayWriteDirectly(cpu, ramPage));
        mmu.tlb.fill(
            mmu.bankNumber,
            va,
            ram.hostAddress() + inRegion,
            ramPage,
            writable,
            walker.global,
            walker.pageShift);
      }
      case MemoryRegion.Rom rom when wholePage(rom, gpa) -> {
        long inRegion = gpa - rom.gpa();
        mmu.tlb.fill(
            mmu.bankNumber,
            va,
            rom.hostAddress() + inRegion,
            rom.ramOffset() + inRegion >>> 12,
            false,
            walker.global,
            walker.pageShift);
      }
      case null, default -> {}
    }
  }

  private static boolean wholePage(MemoryRegion region, long gpa) {
    long page = gpa & ~0xfffL;
    return page >= region.gpa() && page + 0x1000 <= region.end();
  }

  private long loadAcross(long va, int size, boolean user, boolean overridesSmap) {
    int first = (int) (0x1000 - (va & 0xfff));
    mmu.walker.walk(va, PageWalker.READ, user, overridesSmap);
    long gpa = mmu.walker.gpa;
    mmu.walker.walk(cpu.wrapLinear(va + first), PageWalker.READ, user, overridesSmap);
    long nextGpa = mmu.walker.gpa;
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      long at = i < first ? gpa + i : nextGpa + i - first;
      value = value << 8 | readPhysical(at, 1) & 0xff;
    }
    return value;
  }

  private void storeAcross(long va, int size, long value, boolean user, boolean overridesSmap) {
    int first = (int) (0x1000 - (va & 0xfff));
    mmu.walker.walk(va, PageWalker.WRITE, user, overridesSmap);
    long gpa = mmu.walker.gpa;
    mmu.walker.walk(cpu.wrapLinear(va + first), PageWalker.WRITE, user, overridesSmap);
    long nextGpa = mmu.walker.gpa;
    leaveRegionIfItsCode(gpa, first);
    leaveRegionIfItsCode(nextGpa, size - first);
    for (int i = 0; i < size; i++) {
      long at = i < first ? gpa + i : nextGpa + i - first;
      writePhysical(at, 1, value >>> 8 * i);
    }
  }

  private long readPhysical(long gpa, int size) {
    return switch (mmu.region(gpa)) {
      case MemoryRegion.Ram ram -> readHost(ram.hostAddress() + (gpa - ram.gpa()), size);
      case MemoryRegion.Rom rom -> readHost(rom.hostAddress() + (gpa - rom.gpa()), size);
      case MemoryRegion.Mmio mmio ->
          Cpu.zeroExtend(mmio.handler().read((int) (gpa - mmio.gpa()), size), size);
      case null -> Cpu.zeroExtend(-1, size);
    };
  }

  private static long readHost(long host, int size) {
    long value =
        switch (size) {
          case 1 -> HostMemory.getByte(host) & 0xff;
          case 2 -> HostMemory.getShort(host) & 0xffff;
          case 4 -> HostMemory.getInt(host) & 0xffff_ffffL;
          default -> HostMemory.getLong(host);
        };
    VarHandle.acquireFence();
    return value;
  }

  private void writePhysical(long gpa, int size, long value) {
    switch (mmu.region(gpa)) {
      case MemoryRegion.Ram ram -> {
        long inRegion = gpa - ram.gpa();
        long ramOffset = ram.ramOffset() + inRegion;
        writeHost(ram.hostAddress() + inRegion, size, value);
        // Who starts to watch the page sets the watch and then reads the bytes.
        VarHandle.fullFence();
        noteWritten(ramOffset, size);
      }
      case MemoryRegion.Mmio mmio ->
          mmio.handler().write((int) (gpa - mmio.gpa()), size, Cpu.zeroExtend(value, size));
      case null, default -> {}
    }
  }

  private void noteWritten(long ramOffset, int size) {
    if (codeWatch != null && cpu.memory.isWatched(ramOffset >>> 12)) {
      codeWatch.written(cpu, ramOffset, size);
    }
  }

  /**
   * Compiled code cannot be left in the middle of an instruction after the store, so a store that
   * will invalidate code gives the whole instruction to the interpreter before anything happened.
   */
  private void leaveRegionIfItsCode(long gpa, int size) {
    if (cpu.inRegion && codeWatch != null && mmu.region(gpa) instanceof MemoryRegion.Ram ram) {
      long ramOffset = ram.ramOffset() + (gpa - ram.gpa());
      if (cpu.memory.isWatched(ramOffset >>> 12) && codeWatch.hasCodeOf(cpu, ramOffset, size)) {
        throw cpu.fault(GuestFault.INTERPRET, 0);
      }
    }
  }

  private static void writeHost(long host, int size, long value) {
    VarHandle.releaseFence();
    switch (size) {
      case 1 -> HostMemory.putByte(host, (byte) value);
      case 2 -> HostMemory.putShort(host, (short) value);
      case 4 -> HostMemory.putInt(host, (int) value);
      default -> HostMemory.putLong(host, value);
    }
  }

  /** Data breakpoints match accesses that completed; the trap follows the instruction. */
  private void noteAccess(long va, int size, boolean write) {
    if (mmu.bankNumber == Tlb.BANK_DEAD) {
      cpu.breakpoints.dataAccess(va, size, write);
    }
  }
}
