package org.maloca.x86.mmu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
  private static final long PAGE_MASK = ~0xfffL;

  /** In place of a host address: {@link Cpu#fault} is to be thrown. */
  private static final long FAULTED = -1;

  private final Cpu cpu;
  private final Mmu mmu;

  /** Where {@link #load128} leaves what it has loaded. */
  private final MemorySegment copy = Arena.ofAuto().allocate(16, 16);

  private final PageWalker walker;
  private final RamWindow ram;
  @Nullable CodeWatch codeWatch;

  /** Set by {@link #hostForUpdate}: where in RAM the bytes are. */
  long updateRamOffset;

  /** Of the page that {@link #hostOf} found for a store: its number, and whether it is watched. */
  private long ramPage;

  private boolean watched;

  SlowPath(Cpu cpu, Mmu mmu) {
    this.cpu = cpu;
    this.mmu = mmu;
    this.walker = mmu.walker;
    this.ram = mmu.ram;
  }

  long load(long va, int size) {
    cpu.counters.slowAccesses++;
    mmu.checkAlignment(va, size);
    long value = loadAs(va, size, cpu.cpl == 3, overridesSmap(), mmu.currentBank);
    noteAccess(va, size, false);
    return value;
  }

  void store(long va, int size, long value) {
    cpu.counters.slowAccesses++;
    mmu.checkAlignment(va, size);
    storeAs(va, size, value, cpu.cpl == 3, overridesSmap(), mmu.currentBank);
    noteAccess(va, size, true);
  }

  /** Loads two words, as 16-byte accesses are done, and returns where they are now. */
  long load128(long va) {
    long low = load(va, 8);
    long high = load(cpu.wrapLinear(va + 8), 8);
    long host = copy.address();
    HostMemory.putLong(host, low);
    HostMemory.putLong(host + 8, high);
    return host;
  }

  void store128(long va, long low, long high) {
    if (crossesPage(va, 16)) {
      probe(va, 16, PageWalker.WRITE);
    }
    store(va, 8, low);
    store(cpu.wrapLinear(va + 8), 8, high);
  }

  void probe(long va, int size, int access) {
    mmu.checkAlignment(va, size);
    boolean user = cpu.cpl == 3;
    boolean crosses = crossesPage(va, size);
    long next = crosses ? nextPage(va) : va;
    if (translate(va, access, user, overridesSmap(), mmu.currentBank) == FAULTED
        || crosses && translate(next, access, user, overridesSmap(), mmu.currentBank) == FAULTED) {
      throw cpu.fault;
    }
  }

  /**
   * Fills the TLB for an access to bytes in one page; tells whether that may have been of use.
   *
   * @param access {@link PageWalker#READ} or {@link PageWalker#WRITE}
   */
  boolean fillsFor(long va, int bytes, int access) {
    return va << 16 >> 16 == va
        && !crossesPage(va, bytes)
        && translate(va, access, cpu.cpl == 3, overridesSmap(), mmu.currentBank) != FAULTED;
  }

  long systemLoad(long va, int size) {
    return loadAs(va, size, false, false, mmu.systemBank);
  }

  void systemStore(long va, int size, long value) {
    storeAs(va, size, value, false, false, mmu.systemBank);
  }

  /**
   * The host address of bytes in one page that are RAM, watched or not, for a LOCKed update; 0 for
   * all else. Faults as a store would. The caller tells {@link #updated} after the update.
   */
  long hostForUpdate(long va, int size) {
    mmu.checkAlignment(va, size);
    long host =
        requiredHostOf(va, PageWalker.WRITE, cpu.cpl == 3, overridesSmap(), mmu.currentBank);
    if (host == 0) {
      return 0;
    }
    updateRamOffset = ramPage << 12 | va & 0xfff;
    if (watched) {
      leaveRegionIfItsCode(updateRamOffset, size);
    }
    return host;
  }

  /** The bytes found by {@link #hostForUpdate} were updated. */
  void updated(long va, int size, long ramOffset) {
    noteWritten(ramOffset, size);
    noteAccess(va, size, true);
  }

  /** Much of a watched page is about to be overwritten. */
  void abandonCode(long ramPage) {
    if (codeWatch != null) {
      codeWatch.abandon(cpu, ramPage);
    }
  }

  /**
   * The first linear address of the page after that of an access that goes on there. That the whole
   * of it is canonical is looked at before either page is.
   */
  long nextPage(long va) {
    long next = cpu.wrapLinear((va | 0xfff) + 1);
    walker.requireCanonical(next);
    return next;
  }

  private boolean overridesSmap() {
    return (cpu.systemFlags & Flags.AC) != 0;
  }

  private static boolean crossesPage(long va, int size) {
    return (va & 0xfff) + size > 0x1000;
  }

  // Translation.

  /**
   * The host address of a byte whose whole page is RAM, or ROM for loads; 0 for all else, whose
   * guest-physical address then is the walker's; {@link #FAULTED} if there is none. For stores
   * {@link #ramPage} and {@link #watched} are set.
   */
  private long hostOf(long va, int access, boolean user, boolean overridesSmap, TlbBank bank) {
    long entry = bank.address() + (va >>> Tlb.OFFSET_SHIFT & Tlb.OFFSET_MASK);
    long page = va & PAGE_MASK;
    if (access == PageWalker.READ) {
      if (HostMemory.getLong(entry + Tlb.READ_TAG) == page) {
        return va + HostMemory.getLong(entry + Tlb.ADDEND);
      }
    } else {
      long spoilt = HostMemory.getLong(entry + Tlb.WRITE_TAG) ^ page;
      if (spoilt == 0 || spoilt == Tlb.WATCHED_TAG) {
        ramPage = bank.ramPage(va);
        watched = spoilt != 0;
        if (!watched || cpu.memory.isWatched(ramPage)) {
          return va + HostMemory.getLong(entry + Tlb.ADDEND);
        }
      }
    }
    return translate(va, access, user, overridesSmap, bank);
  }

  /** {@link #hostOf}, or the fault. */
  private long requiredHostOf(
      long va, int access, boolean user, boolean overridesSmap, TlbBank bank) {
    long host = hostOf(va, access, user, overridesSmap, bank);
    if (host == FAULTED) {
      throw cpu.fault;
    }
    return host;
  }

  /** As {@link #hostOf} does, but by a walk that fills the TLB. */
  private long translate(long va, int access, boolean user, boolean overridesSmap, TlbBank bank) {
    cpu.counters.dataWalks++;
    if (!walker.walk(va, access, user, overridesSmap)) {
      return FAULTED;
    }
    long gpa = walker.gpa;
    long host = ram.host(gpa);
    if (host == 0 || !ram.holdsPage(gpa)) {
      return translateOther(va, gpa, access, bank);
    }
    ramPage = ram.ramOffset(gpa) >>> 12;
    CodeWatch watch = codeWatch;
    watched = walker.writable && watch != null && !watch.mayWriteDirectly(cpu, ramPage);
    long writeTag = !walker.writable ? Tlb.NO_TAG : watched ? Tlb.WATCHED_TAG : 0;
    fill(bank, va, host, writeTag);
    return host;
  }

  private long translateOther(long va, long gpa, int access, TlbBank bank) {
    if (access != PageWalker.READ
        || !(cpu.memory.map().find(gpa) instanceof MemoryRegion.Rom rom)
        || !holdsPage(rom, gpa)) {
      return 0;
    }
    long inRegion = gpa - rom.gpa();
    ramPage = rom.ramOffset() + inRegion >>> 12;
    fill(bank, va, rom.hostAddress() + inRegion, Tlb.NO_TAG);
    return rom.hostAddress() + inRegion;
  }

  private void fill(TlbBank bank, long va, long host, long writeTag) {
    if (mmu.bankNumber != Tlb.BANK_DEAD) {
      cpu.counters.tlbFills++;
      mmu.tlb.fill(bank, va, host, ramPage, writeTag, walker.global, walker.pageShift);
    }
  }

  private static boolean holdsPage(MemoryRegion region, long gpa) {
    long page = gpa & PAGE_MASK;
    return page >= region.gpa() && page + 0x1000 <= region.end();
  }

  // Loads.

  private long loadAs(long va, int size, boolean user, boolean overridesSmap, TlbBank bank) {
    if (crossesPage(va, size)) {
      return loadAcross(va, size, user, overridesSmap, bank);
    }
    long host = requiredHostOf(va, PageWalker.READ, user, overridesSmap, bank);
    return host != 0 ? readHost(host, size) : readPhysical(walker.gpa, size);
  }

  private long loadAcross(long va, int size, boolean user, boolean overridesSmap, TlbBank bank) {
    int before = (int) (0x1000 - (va & 0xfff));
    long next = nextPage(va);
    long low = requiredHostOf(va, PageWalker.READ, user, overridesSmap, bank);
    long lowGpa = walker.gpa;
    long high = requiredHostOf(next, PageWalker.READ, user, overridesSmap, bank);
    if (low != 0 && high != 0) {
      // The last word of the first page and the first word of the second.
      long value =
          HostMemory.getLong(low - (8 - before)) >>> 64 - 8 * before
              | HostMemory.getLong(high) << 8 * before;
      VarHandle.acquireFence();
      return Cpu.zeroExtend(value, size);
    }
    long highGpa = walker.gpa;
    long value = 0;
    for (int i = size - 1; i >= before; i--) {
      value = value << 8 | byteOf(high, highGpa, i - before);
    }
    for (int i = before - 1; i >= 0; i--) {
      value = value << 8 | byteOf(low, lowGpa, i);
    }
    return value;
  }

  private long byteOf(long host, long gpa, int offset) {
    return (host != 0 ? HostMemory.getByte(host + offset) : readPhysical(gpa + offset, 1)) & 0xff;
  }

  private long readPhysical(long gpa, int size) {
    return switch (cpu.memory.map().find(gpa)) {
      case MemoryRegion.Ram partial ->
          readHost(partial.hostAddress() + (gpa - partial.gpa()), size);
      case MemoryRegion.Rom rom -> readHost(rom.hostAddress() + (gpa - rom.gpa()), size);
      case MemoryRegion.Mmio mmio -> {
        cpu.counters.deviceAccesses++;
        yield Cpu.zeroExtend(cpu.devices.read(mmio, (int) (gpa - mmio.gpa()), size), size);
      }
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

  // Stores.

  private void storeAs(
      long va, int size, long value, boolean user, boolean overridesSmap, TlbBank bank) {
    if (crossesPage(va, size)) {
      storeAcross(va, size, value, user, overridesSmap, bank);
      return;
    }
    long host = requiredHostOf(va, PageWalker.WRITE, user, overridesSmap, bank);
    if (host == 0) {
      writePhysical(walker.gpa, size, value);
    } else if (watched) {
      long ramOffset = ramPage << 12 | va & 0xfff;
      leaveRegionIfItsCode(ramOffset, size);
      writeHost(host, size, value);
      noteWritten(ramOffset, size);
    } else {
      writeHost(host, size, value);
    }
  }

  private void storeAcross(
      long va, int size, long value, boolean user, boolean overridesSmap, TlbBank bank) {
    int before = (int) (0x1000 - (va & 0xfff));
    long next = nextPage(va);
    long low = requiredHostOf(va, PageWalker.WRITE, user, overridesSmap, bank);
    long lowGpa = walker.gpa;
    long lowOffset = ramPage << 12 | va & 0xfff;
    boolean lowWatched = low != 0 && watched;
    long high = requiredHostOf(next, PageWalker.WRITE, user, overridesSmap, bank);
    long highGpa = walker.gpa;
    long highOffset = ramPage << 12;
    boolean highWatched = high != 0 && watched;
    if (lowWatched) {
      leaveRegionIfItsCode(lowOffset, before);
    }
    if (highWatched) {
      leaveRegionIfItsCode(highOffset, size - before);
    }
    writePart(low, lowGpa, before, value);
    writePart(high, highGpa, size - before, value >>> 8 * before);
    if (lowWatched) {
      noteWritten(lowOffset, before);
    }
    if (highWatched) {
      noteWritten(highOffset, size - before);
    }
  }

  /** Writes 1 to 7 bytes; a device gets each by itself. */
  private void writePart(long host, long gpa, int count, long value) {
    if (host == 0) {
      for (int i = 0; i < count; i++) {
        writePhysical(gpa + i, 1, value >>> 8 * i);
      }
      return;
    }
    long at = host;
    long rest = value;
    for (int size = 4; size > 0; size >>= 1) {
      if ((count & size) != 0) {
        writeHost(at, size, rest);
        at += size;
        rest >>>= 8 * size;
      }
    }
  }

  private void writePhysical(long gpa, int size, long value) {
    switch (cpu.memory.map().find(gpa)) {
      case MemoryRegion.Ram partial -> {
        long inRegion = gpa - partial.gpa();
        writeHost(partial.hostAddress() + inRegion, size, value);
        noteWritten(partial.ramOffset() + inRegion, size);
      }
      case MemoryRegion.Mmio mmio -> {
        cpu.counters.deviceAccesses++;
        cpu.devices.write(mmio, (int) (gpa - mmio.gpa()), size, Cpu.zeroExtend(value, size));
      }
      case null, default -> {}
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

  private void noteWritten(long ramOffset, int size) {
    // Who starts to watch the page sets the watch and then reads the bytes.
    VarHandle.fullFence();
    if (codeWatch != null && cpu.memory.isWatched(ramOffset >>> 12)) {
      codeWatch.written(cpu, ramOffset, size);
    }
  }

  /**
   * Compiled code cannot be left in the middle of an instruction after the store, so a store that
   * will invalidate compiled code gives the whole instruction to the interpreter before anything
   * happened.
   */
  private void leaveRegionIfItsCode(long ramOffset, int size) {
    if (cpu.inRegion && codeWatch != null && codeWatch.hasCompiledCodeOf(cpu, ramOffset, size)) {
      throw cpu.fault(GuestFault.INTERPRET, 0);
    }
  }

  /** Data breakpoints match accesses that completed; the trap follows the instruction. */
  private void noteAccess(long va, int size, boolean write) {
    if (mmu.bankNumber == Tlb.BANK_DEAD) {
      cpu.breakpoints.dataAccess(va, size, write);
    }
  }
}
