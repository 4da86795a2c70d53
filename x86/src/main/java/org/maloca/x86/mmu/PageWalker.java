package org.maloca.x86.mmu;

import java.util.Arrays;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Efer;
import org.maloca.x86.GuestFault;

/**
 * Walks page tables: 32-bit, PAE and 4-level paging (Intel SDM vol. 3, chapter 4; AMD APM vol. 2,
 * chapter 5). Sets accessed and dirty bits with compare-and-set, as several CPUs may walk the same
 * tables. The result of a walk is left in its fields.
 */
final class PageWalker {
  static final int READ = 0;
  static final int WRITE = 1;
  static final int EXECUTE = 2;

  /** Bits of a page fault's error code. */
  static final int ERROR_PRESENT = 1;

  static final int ERROR_WRITE = 2;
  static final int ERROR_USER = 4;
  static final int ERROR_RESERVED = 8;
  static final int ERROR_FETCH = 16;

  static final int PHYSICAL_ADDRESS_BITS = 48;

  private static final long P = 1;
  private static final long RW = 2;
  private static final long US = 4;
  private static final long A = 0x20;
  private static final long D = 0x40;
  private static final long PS = 0x80;
  private static final long G = 0x100;
  private static final long NX = 1L << 63;
  private static final long FRAME = (1L << PHYSICAL_ADDRESS_BITS) - 1 & ~0xfffL;
  private static final long PHYSICAL_RESERVED = 0x000f_ffff_ffff_f000L & ~FRAME;

  /** Bits 52-62 are ignored in long mode, but reserved in PAE paging of protected mode. */
  private static final long PAE_RESERVED = 0x7ff0_0000_0000_0000L;

  /** Page tables whose place is remembered with what the levels above permit. */
  private static final int KNOWN_TABLES = 1024;

  private static final int TABLE_SPAN_SHIFT = 21;

  /** A tag has the generation above the bits of the address. */
  private static final int GENERATION_SHIFT = 64 - TABLE_SPAN_SHIFT;

  private static final long LAST_GENERATION = (1L << TABLE_SPAN_SHIFT) - 1;

  private final Cpu cpu;
  private final GuestMemory memory;
  private final RamWindow ram;
  private final long[] tableTags = new long[KNOWN_TABLES];

  /** Of each known table the address, with RW, US and NX as all levels above have them. */
  private final long[] tables = new long[KNOWN_TABLES];

  private long generation = 1;

  /** Guest-physical address of the byte asked for. */
  long gpa;

  /** The translation may be kept over CR3 writes. */
  boolean global;

  /** Log2 of the page's size: 12, 21, 22 or 30; 63 without paging. */
  int pageShift;

  /** Writes would be permitted by the tables to the privilege walked for, and D is set. */
  boolean writable;

  /** Another CPU changed an entry between our reading it and marking it: the walk starts over. */
  private boolean entriesChanged;

  PageWalker(Cpu cpu, RamWindow ram) {
    this.cpu = cpu;
    this.memory = cpu.memory;
    this.ram = ram;
  }

  /**
   * Forgets what was remembered of the upper levels, as every invalidation of a translation and
   * every load of CR3 does (Intel SDM vol. 3, 5.10.4.1; AMD APM vol. 2, 5.5.2).
   */
  void forgetTables() {
    if (++generation > LAST_GENERATION) {
      generation = 1;
      Arrays.fill(tableTags, 0);
    }
  }

  /**
   * Translates. Page faults are frequent, and each frame of the JVM's that an exception goes
   * through costs as much as the walk: whoever asked throws them, as near to who catches as can be.
   *
   * @param user access with user privilege
   * @param overridesSmap RFLAGS.AC permits supervisor accesses to user pages
   * @return false if it raises #PF, which is ready to be thrown in {@link Cpu#fault}
   * @throws GuestFault #GP(0) for a non-canonical address
   */
  boolean walk(long va, int access, boolean user, boolean overridesSmap) {
    if ((cpu.cr0 & ControlRegisters.CR0_PG) == 0) {
      gpa = va & 0xffff_ffffL;
      global = true;
      writable = true;
      pageShift = 63;
      return true;
    }
    boolean translated;
    do {
      entriesChanged = false;
      translated = walkTables(va, access, user, overridesSmap);
    } while (entriesChanged);
    return translated;
  }

  /** Faults if long mode is on and an address is not canonical. */
  void requireCanonical(long va) {
    if (va << 16 >> 16 != va && cpu.isLongMode()) {
      GuestFault fault = cpu.fault(GuestFault.GP, 0);
      fault.nonCanonical = true;
      throw fault;
    }
  }

  /** Returns false for a fault; what it returns when entries were changed does not matter. */
  private boolean walkTables(long va, int access, boolean user, boolean overridesSmap) {
    if (cpu.isLongMode()) {
      requireCanonical(va);
      return walkLong(va, access, user, overridesSmap);
    }
    return (cpu.cr4 & ControlRegisters.CR4_PAE) != 0
        ? walkPae(va & 0xffff_ffffL, access, user, overridesSmap)
        : walkLegacy(va & 0xffff_ffffL, access, user, overridesSmap);
  }

  private boolean walkLong(long va, int access, boolean user, boolean overridesSmap) {
    long table = cpu.cr3 & FRAME;
    long permitted = RW | US;
    long noExecute = 0;
    int shift = 39;
    long tag = va >>> TABLE_SPAN_SHIFT | generation << GENERATION_SHIFT;
    int slot = slotOf(va);
    if (tableTags[slot] == tag) {
      long known = tables[slot];
      table = known & FRAME;
      permitted &= known;
      noExecute = known;
      shift = 12;
    }
    for (; ; shift -= 9) {
      long at = table + ((va >>> shift & 0x1ff) << 3);
      long entry = readEntry8(at);
      if ((entry & P) == 0) {
        return faults(va, access, user, 0);
      }
      if (hasReservedBits(entry)) {
        return faults(va, access, user, ERROR_PRESENT | ERROR_RESERVED);
      }
      permitted &= entry;
      noExecute |= entry;
      boolean large = (entry & PS) != 0 && shift != 12;
      if (large && shift == 39) {
        return faults(va, access, user, ERROR_PRESENT | ERROR_RESERVED);
      }
      if (large || shift == 12) {
        return finish(
            va, at, entry, shift, permitted, (noExecute & NX) != 0, access, user, overridesSmap, 8);
      }
      if (!markAccessed(at, entry, 8)) {
        return false;
      }
      table = entry & FRAME;
      if (shift == TABLE_SPAN_SHIFT) {
        tableTags[slot] = tag;
        tables[slot] = table | permitted & (RW | US) | noExecute & NX;
      }
    }
  }

  private static int slotOf(long va) {
    return (int) (va >>> TABLE_SPAN_SHIFT ^ va >>> 39) & KNOWN_TABLES - 1;
  }

  private boolean walkPae(long va, int access, boolean user, boolean overridesSmap) {
    long pointer = readEntry8((cpu.cr3 & 0xffff_ffe0L) + ((va >>> 30) << 3));
    if ((pointer & P) == 0) {
      return faults(va, access, user, 0);
    }
    long table = pointer & FRAME;
    long permitted = RW | US;
    long noExecute = 0;
    for (int shift = 21; ; shift -= 9) {
      long at = table + ((va >>> shift & 0x1ff) << 3);
      long entry = readEntry8(at);
      if ((entry & P) == 0) {
        return faults(va, access, user, 0);
      }
      if (hasReservedBits(entry)) {
        return faults(va, access, user, ERROR_PRESENT | ERROR_RESERVED);
      }
      if ((entry & PAE_RESERVED) != 0) {
        return faults(va, access, user, ERROR_PRESENT | ERROR_RESERVED);
      }
      permitted &= entry;
      noExecute |= entry;
      if (shift == 12 || (entry & PS) != 0) {
        return finish(
            va, at, entry, shift, permitted, (noExecute & NX) != 0, access, user, overridesSmap, 8);
      }
      if (!markAccessed(at, entry, 8)) {
        return false;
      }
      table = entry & FRAME;
    }
  }

  private boolean walkLegacy(long va, int access, boolean user, boolean overridesSmap) {
    long directoryAt = (cpu.cr3 & 0xffff_f000L) + ((va >>> 22) << 2);
    long directory = readEntry4(directoryAt);
    if ((directory & P) == 0) {
      return faults(va, access, user, 0);
    }
    if ((directory & PS) != 0 && (cpu.cr4 & ControlRegisters.CR4_PSE) != 0) {
      if ((directory & 1 << 21) != 0) {
        return faults(va, access, user, ERROR_PRESENT | ERROR_RESERVED);
      }
      return finish(
          va, directoryAt, directory, 22, directory, false, access, user, overridesSmap, 4);
    }
    if (!markAccessed(directoryAt, directory, 4)) {
      return false;
    }
    long at = (directory & 0xffff_f000L) + ((va >>> 12 & 0x3ff) << 2);
    long entry = readEntry4(at);
    if ((entry & P) == 0) {
      return faults(va, access, user, 0);
    }
    return finish(va, at, entry, 12, directory & entry, false, access, user, overridesSmap, 4);
  }

  private boolean hasReservedBits(long entry) {
    return (entry & PHYSICAL_RESERVED) != 0 || (entry & NX) != 0 && (cpu.efer & Efer.NXE) == 0;
  }

  private boolean finish(
      long va,
      long at,
      long entry,
      int shift,
      long permitted,
      boolean noExecute,
      int access,
      boolean user,
      boolean overridesSmap,
      int entrySize) {
    long offsetMask = (1L << shift) - 1;
    // A large page's frame is aligned to its size; bit 12 is the PAT bit.
    if (entrySize == 8 && shift != 12 && (entry & FRAME & offsetMask & ~0x1fffL) != 0) {
      return faults(va, access, user, ERROR_PRESENT | ERROR_RESERVED);
    }
    boolean userPage = (permitted & US) != 0;
    boolean mayWrite = (permitted & RW) != 0 || !user && (cpu.cr0 & ControlRegisters.CR0_WP) == 0;
    boolean refused =
        user && !userPage
            || access == WRITE && !mayWrite
            || access == EXECUTE
                && (noExecute || !user && userPage && (cpu.cr4 & ControlRegisters.CR4_SMEP) != 0)
            || access != EXECUTE
                && !user
                && userPage
                && !overridesSmap
                && (cpu.cr4 & ControlRegisters.CR4_SMAP) != 0;
    if (refused) {
      return faults(va, access, user, ERROR_PRESENT);
    }
    long wanted = access == WRITE ? A | D : A;
    if ((entry & wanted) != wanted && !setBits(at, entry, wanted, entrySize)) {
      return false;
    }
    // PSE-36: in a 4-byte entry of a large page bits 13-20 are address bits 32-39.
    long high = entrySize == 4 && shift == 22 ? (entry >>> 13 & 0xff) << 32 : 0;
    gpa = high | entry & FRAME & ~offsetMask | va & offsetMask;
    global = (entry & G) != 0 && (cpu.cr4 & ControlRegisters.CR4_PGE) != 0;
    writable = mayWrite && ((entry & D) != 0 || access == WRITE);
    pageShift = shift;
    return true;
  }

  /** Raises #PF. */
  private boolean faults(long va, int access, boolean user, int error) {
    int code = error;
    if (access == WRITE) {
      code |= ERROR_WRITE;
    }
    if (user) {
      code |= ERROR_USER;
    }
    boolean tellsFetches =
        (cpu.efer & Efer.NXE) != 0 && (cpu.cr4 & ControlRegisters.CR4_PAE) != 0
            || (cpu.cr4 & ControlRegisters.CR4_SMEP) != 0;
    if (access == EXECUTE && tellsFetches) {
      code |= ERROR_FETCH;
    }
    // A page fault forgets what led to it: the guest may have permitted more and flushed nothing.
    tableTags[slotOf(va)] = 0;
    GuestFault fault = cpu.fault(GuestFault.PF, code);
    fault.address = va;
    return false;
  }

  private long readEntry8(long at) {
    long host = ram.host(at);
    return host != 0 ? HostMemory.getLong(host) : memory.read(at, 8);
  }

  private long readEntry4(long at) {
    long host = ram.host(at);
    return host != 0 ? HostMemory.getInt(host) & 0xffff_ffffL : memory.read(at, 4);
  }

  private boolean markAccessed(long at, long entry, int size) {
    return (entry & A) != 0 || setBits(at, entry, A, size);
  }

  /**
   * Sets bits of an entry if it still is what was read of it: one that another CPU has taken out of
   * the tables meanwhile must not be written. Says whether it was.
   */
  private boolean setBits(long at, long entry, long bits, int size) {
    long host = ram.host(at);
    if (host == 0) {
      return true;
    }
    boolean unchanged =
        size == 8
            ? HostMemory.compareAndSetLong(host, entry, entry | bits)
            : HostMemory.compareAndSetInt(host, (int) entry, (int) (entry | bits));
    entriesChanged |= !unchanged;
    long ramPage = ram.ramOffset(at) >>> 12;
    if (unchanged && memory.isWatched(ramPage)) {
      memory.notifyWatchedPageWritten(ramPage);
    }
    return unchanged;
  }
}
