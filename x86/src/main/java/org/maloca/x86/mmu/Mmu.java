package org.maloca.x86.mmu;

import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.HostMemory;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.ir.CodeMode;

/**
 * Linear memory as one vCPU sees it: the software TLB's fast path here, page walks, page-crossing
 * accesses, devices and watched pages on the {@link SlowPath}. All loads are zero-extended.
 *
 * <p>Loads are acquiring and stores releasing, which is x86's order of memory, wherever the JVM
 * runs and whatever its compiler would rather do; on x86 hosts the fences are no instructions.
 */
public final class Mmu {
  private static final long PAGE_MASK = ~0xfffL;

  /** Whoever writes that much of a page at once is not going to execute what it held. */
  private static final int BULK_BYTES = 1024;

  private final Cpu cpu;
  final Tlb tlb = new Tlb();
  final RamWindow ram;
  final PageWalker walker;

  /** Dates the translations of fetches that others keep. */
  public final FetchStamps fetchStamps = new FetchStamps(this::forgetFetches);

  private final SlowPath slow;
  private final AtomicAccess atomic;

  /** Host address of the TLB bank for data accesses at the current privilege. */
  public long bank;

  int bankNumber = Tlb.BANK_SUPERVISOR;
  TlbBank currentBank = tlb.bank(Tlb.BANK_SUPERVISOR);

  /** The bank for what the CPU itself reads and writes with supervisor privilege. */
  TlbBank systemBank = currentBank;

  /** Set by {@link #compareExchange128}: the value found. */
  public long foundLow;

  public long foundHigh;

  private long pagingKey = -1;
  private @Nullable Runnable translationListener;

  /** Makes the memory view of a vCPU. */
  public Mmu(Cpu cpu) {
    this.cpu = cpu;
    ram = new RamWindow(cpu.memory);
    walker = new PageWalker(cpu, ram);
    slow = new SlowPath(cpu, this);
    atomic = new AtomicAccess(this, slow);
    bank = currentBank.address();
  }

  /** Says who keeps translations by {@link #fetchStamps}: run when all must be forgotten. */
  public void onStampsExhausted(Runnable listener) {
    translationListener = listener;
  }

  private void forgetFetches() {
    if (translationListener != null) {
      translationListener.run();
    }
  }

  /** Connects the keeper of watched code pages. */
  public void setCodeWatch(CodeWatch codeWatch) {
    slow.codeWatch = codeWatch;
  }

  // Loads.

  public long load64(long va) {
    return hitsForLoad(bank, va, 7) ? HostAccess.load64(hitAddress(bank, va)) : slow.load(va, 8);
  }

  public int load32(long va) {
    return hitsForLoad(bank, va, 3)
        ? HostAccess.load32(hitAddress(bank, va))
        : (int) slow.load(va, 4);
  }

  public int load16(long va) {
    return hitsForLoad(bank, va, 1)
        ? HostAccess.load16(hitAddress(bank, va))
        : (int) slow.load(va, 2);
  }

  public int load8(long va) {
    return hitsForLoad(bank, va, 0)
        ? HostAccess.load8(hitAddress(bank, va))
        : (int) slow.load(va, 1);
  }

  /** Loads 1, 2, 4 or 8 bytes. */
  public long load(long va, int size) {
    return switch (size) {
      case 1 -> load8(va);
      case 2 -> load16(va);
      case 4 -> load32(va) & 0xffff_ffffL;
      default -> load64(va);
    };
  }

  /**
   * Loads 16 bytes.
   *
   * @return the host address where they can be found, of RAM or of a copy: take them by {@link
   *     #low128} and then {@link #high128}, before anything else happens
   */
  public long load128(long va) {
    return hitsForLoad(bank, va, 15) ? hitAddress(bank, va) : slow.load128(va);
  }

  /** The first 8 bytes. */
  public static long low128(long hostAddress) {
    return HostMemory.getLong(hostAddress);
  }

  /** The last 8 bytes. */
  public static long high128(long hostAddress) {
    long value = HostMemory.getLong(hostAddress + 8);
    VarHandle.acquireFence();
    return value;
  }

  /**
   * Loads 1, 2, 4 or 8 bytes that the same instruction is going to store to: faults as the store
   * would, so that the error code of a page fault tells of a write.
   */
  public long loadForUpdate(long va, int size) {
    if (!hitsForStore(bank, va, size - 1)) {
      slow.probe(va, size, PageWalker.WRITE);
    }
    return load(va, size);
  }

  // Accesses of small regions, which take a base and a constant apart, and longs whatever the size:
  // to add, to cut and to extend takes the quick compiler more code than the call.

  /** Loads 8 bytes. */
  public long loadAt64(long base, int displacement) {
    return load64(base + displacement);
  }

  /** Loads 4 bytes, zero-extended. */
  public long loadAt32(long base, int displacement) {
    return load32(base + displacement) & 0xffff_ffffL;
  }

  /** Loads 2 bytes, zero-extended. */
  public long loadAt16(long base, int displacement) {
    return load16(base + displacement);
  }

  /** Loads a byte, zero-extended. */
  public long loadAt8(long base, int displacement) {
    return load8(base + displacement);
  }

  /** Stores 8 bytes. */
  public void storeAt64(long base, long value, int displacement) {
    store64(base + displacement, value);
  }

  /** Stores the low 4 bytes of a value. */
  public void storeAt32(long base, long value, int displacement) {
    store32(base + displacement, (int) value);
  }

  /** Stores the low 2 bytes of a value. */
  public void storeAt16(long base, long value, int displacement) {
    store16(base + displacement, (int) value);
  }

  /** Stores the low byte of a value. */
  public void storeAt8(long base, long value, int displacement) {
    store8(base + displacement, (int) value);
  }

  // Stores.

  public void store64(long va, long value) {
    if (hitsForStore(bank, va, 7)) {
      HostAccess.store64(hitAddress(bank, va), value);
    } else {
      slow.store(va, 8, value);
    }
  }

  /** Stores 16 bytes, all or nothing. */
  public void store128(long va, long low, long high) {
    if (hitsForStore(bank, va, 15)) {
      storeHit128(hitAddress(bank, va), low, high);
    } else {
      slow.store128(va, low, high);
    }
  }

  public void store32(long va, int value) {
    if (hitsForStore(bank, va, 3)) {
      HostAccess.store32(hitAddress(bank, va), value);
    } else {
      slow.store(va, 4, value);
    }
  }

  public void store16(long va, int value) {
    if (hitsForStore(bank, va, 1)) {
      HostAccess.store16(hitAddress(bank, va), value);
    } else {
      slow.store(va, 2, value);
    }
  }

  public void store8(long va, int value) {
    if (hitsForStore(bank, va, 0)) {
      HostAccess.store8(hitAddress(bank, va), value);
    } else {
      slow.store(va, 1, value);
    }
  }

  /** Stores the low 1, 2, 4 or 8 bytes of a value. */
  public void store(long va, int size, long value) {
    switch (size) {
      case 1 -> store8(va, (int) value);
      case 2 -> store16(va, (int) value);
      case 4 -> store32(va, (int) value);
      default -> store64(va, value);
    }
  }

  // The parts of an access that hits the TLB. Large regions use them alone and leave on a miss;
  // HotSpot has their profiles from everybody else. Each calls as little as can be: HotSpot stops
  // inlining in a method once it is some 18,000 nodes.

  /**
   * Whether a load finds plain RAM by the TLB.
   *
   * @param last the number of its bytes less one
   */
  public static boolean hitsForLoad(long bank, long va, int last) {
    long entry = bank + (va >>> Tlb.OFFSET_SHIFT & Tlb.OFFSET_MASK);
    return HostMemory.getLong(entry) == (va + last & PAGE_MASK);
  }

  /** The same for a store. */
  public static boolean hitsForStore(long bank, long va, int last) {
    long entry = bank + (va >>> Tlb.OFFSET_SHIFT & Tlb.OFFSET_MASK);
    return HostMemory.getLong(entry + Tlb.WRITE_TAG) == (va + last & PAGE_MASK);
  }

  /** The host address of what an access hits. */
  public static long hitAddress(long bank, long va) {
    long entry = bank + (va >>> Tlb.OFFSET_SHIFT & Tlb.OFFSET_MASK);
    return va + HostMemory.getLong(entry + Tlb.ADDEND);
  }

  // For accesses of small regions that are near each other.

  /**
   * The host address of bytes that may be loaded, if they are plain RAM in one page; 0 else, or
   * where a load might fault.
   *
   * @param distance of the first from {@code va}
   */
  public long hostForLoad(long va, int distance, int bytes) {
    long low = va + distance;
    return hitsForLoad(bank, low, bytes - 1)
            || slow.fillsFor(low, bytes, PageWalker.READ) && hitsForLoad(bank, low, bytes - 1)
        ? hitAddress(bank, low)
        : 0;
  }

  /** The same for bytes that may be stored to, too, and some of which now are. */
  public long hostForStore(long va, int distance, int bytes) {
    return hostForStores(va + distance, bytes, PageWalker.WRITE);
  }

  /**
   * The same for bytes of which some are loaded now, others stored to later, or never: the page is
   * not dirty by that, nor accessed if it may not be.
   */
  public long hostForLoadAndStores(long va, int distance, int bytes) {
    return hostForStores(va + distance, bytes, PageWalker.READ);
  }

  private long hostForStores(long low, int bytes, int access) {
    if (hitsForStore(bank, low, bytes - 1)) {
      return hitAddress(bank, low);
    }
    // Where a load would hit, it is no use to fill the entry for one.
    boolean isVain = access == PageWalker.READ && hitsForLoad(bank, low, bytes - 1);
    return !isVain && slow.fillsFor(low, bytes, access) && hitsForStore(bank, low, bytes - 1)
        ? hitAddress(bank, low)
        : 0;
  }

  /** Stores 16 bytes where {@link #hitAddress} found. */
  public static void storeHit128(long hostAddress, long low, long high) {
    VarHandle.releaseFence();
    HostMemory.putLong(hostAddress, low);
    HostMemory.putLong(hostAddress + 8, high);
  }

  // Supervisor accesses to system structures.

  /** Loads with supervisor privilege whatever the CPL: descriptor tables, task state. */
  public long systemLoad(long va, int size) {
    return slow.systemLoad(va, size);
  }

  /** Stores with supervisor privilege whatever the CPL. */
  public void systemStore(long va, int size, long value) {
    slow.systemStore(va, size, value);
  }

  // Probes.

  /** Faults as a load would. */
  public void probeRead(long va, int size) {
    slow.probe(va, size, PageWalker.READ);
  }

  /** Faults as a store would. */
  public void probeWrite(long va, int size) {
    slow.probe(va, size, PageWalker.WRITE);
  }

  /**
   * The host address of bytes that are plain RAM in one page, or 0. Faults as a load would. Who
   * loads through it ends with {@link VarHandle#acquireFence}.
   */
  public long hostAddressForRead(long va, int size) {
    return hostAddress(va, size, Tlb.READ_TAG, PageWalker.READ);
  }

  /**
   * The host address of bytes that are plain RAM in one page and hold no decoded code, or 0. Faults
   * as a store would. Stores through it come after all accesses before this call.
   */
  public long hostAddressForWrite(long va, int size) {
    VarHandle.releaseFence();
    return hostAddress(va, size, Tlb.WRITE_TAG, PageWalker.WRITE);
  }

  /**
   * {@link #hostAddressForWrite} of an aligned word, which the host updates by one instruction as
   * the guest does; 0 for anything else.
   */
  long hostAddressOfWord(long va, int size) {
    return size >= 4 && (va & size - 1) == 0 ? hostAddressForWrite(va, size) : 0;
  }

  private long hostAddress(long va, int size, int tag, int access) {
    long entry = bank + (va >>> Tlb.OFFSET_SHIFT & Tlb.OFFSET_MASK);
    long wanted = va + size - 1 & PAGE_MASK;
    if (HostMemory.getLong(entry + tag) == wanted) {
      return va + HostMemory.getLong(entry + Tlb.ADDEND);
    }
    if (wanted != (va & PAGE_MASK)) {
      return 0;
    }
    slow.probe(va, size, access);
    if (HostMemory.getLong(entry + tag) != wanted
        && !mayAbandonCode(entry, tag, wanted, va, size)) {
      return 0;
    }
    return va + HostMemory.getLong(entry + Tlb.ADDEND);
  }

  /** Whether stores may go through after all, once the code of the page is forgotten. */
  private boolean mayAbandonCode(long entry, int tag, long page, long va, int size) {
    if (tag != Tlb.WRITE_TAG
        || size < BULK_BYTES
        || cpu.inRegion
        || HostMemory.getLong(entry + Tlb.WRITE_TAG) != (page | Tlb.WATCHED_TAG)) {
      return false;
    }
    slow.abandonCode(currentBank.ramPage(va));
    slow.probe(va, size, PageWalker.WRITE);
    return HostMemory.getLong(entry + Tlb.WRITE_TAG) == page;
  }

  // Atomic read-modify-write.

  /**
   * Compares and exchanges 1, 2, 4 or 8 bytes as a LOCKed instruction does.
   *
   * @return the value found; the exchange happened iff it equals {@code expected}
   */
  public long compareExchange(long va, int size, long expected, long value) {
    return atomic.compareExchange(va, size, expected, value);
  }

  /**
   * Compares and exchanges 16 bytes; the value found is in {@link #foundLow}/{@link #foundHigh}.
   */
  public boolean compareExchange128(
      long va, long expectedLow, long expectedHigh, long low, long high) {
    return atomic.compareExchange128(va, expectedLow, expectedHigh, low, high);
  }

  // Fetches.

  /** Guest-physical address of code at a linear address; faults as a fetch would. */
  public long translateFetch(long va) {
    cpu.counters.fetchWalks++;
    if (!walker.walk(va, PageWalker.EXECUTE, cpu.cpl == 3, true)) {
      throw cpu.fault;
    }
    fetchStamps.translated(va, walker.global, walker.pageShift);
    return walker.gpa;
  }

  // Translations.

  /** Forgets every translation. */
  public void flushAll() {
    cpu.counters.tlbFlushes++;
    tlb.flushAll(pcid());
    walker.forgetTables();
    fetchStamps.allChanged();
  }

  /** Forgets every translation that is not global, of all address spaces. */
  public void flushLocal() {
    cpu.counters.tlbFlushes++;
    tlb.flushLocal();
    walker.forgetTables();
    fetchStamps.allChanged();
  }

  /**
   * CR3 was loaded.
   *
   * @param keeps whether the translations that the address space had earlier may be used; if not,
   *     those that are global alone
   */
  public void enterAddressSpace(boolean keeps) {
    cpu.counters.addressSpaceChanges++;
    boolean kept = tlb.enter(pcid(), keeps);
    walker.forgetTables();
    fetchStamps.enter(tlb.space(), kept);
    chooseBank();
  }

  /** Forgets the translations of an address space that are not global. */
  public void flushAddressSpace(int pcid) {
    if (pcid == pcid()) {
      enterAddressSpace(false);
    } else {
      tlb.forgetSpace(pcid);
    }
  }

  /** The process-context identifier in use; 0 while there are none. */
  private int pcid() {
    return (cpu.cr4 & ControlRegisters.CR4_PCIDE) != 0 ? (int) cpu.cr3 & 0xfff : 0;
  }

  /** Forgets the translations of one page, as INVLPG does, in every address space. */
  public void flushPage(long va) {
    cpu.counters.pageFlushes++;
    tlb.flushPage(va);
    walker.forgetTables();
    fetchStamps.pageChanged(va);
  }

  /** Makes stores to a page of RAM go through the slow path from now on. */
  public void protectRamPage(long ramPage) {
    tlb.protectRamPage(ramPage);
  }

  /** Chooses the TLB bank for the current privilege, and flushes when paging itself changed. */
  public void contextChanged() {
    long key =
        cpu.cr0 & (ControlRegisters.CR0_PG | ControlRegisters.CR0_WP)
            | (cpu.cr4
                    & (ControlRegisters.CR4_PAE
                        | ControlRegisters.CR4_PSE
                        | ControlRegisters.CR4_PGE
                        | ControlRegisters.CR4_SMEP
                        | ControlRegisters.CR4_SMAP))
                << 32
            | cpu.efer & 0xd00;
    if (key != pagingKey) {
      pagingKey = key;
      flushAll();
    }
    boolean user = (cpu.mode & CodeMode.USER) != 0;
    boolean acSet = (cpu.systemFlags & Flags.AC) != 0;
    if (hasWatchpoints() || user && acSet && (cpu.cr0 & ControlRegisters.CR0_AM) != 0) {
      bankNumber = Tlb.BANK_DEAD;
    } else if (user) {
      bankNumber = Tlb.BANK_USER;
    } else if ((cpu.cr4 & ControlRegisters.CR4_SMAP) != 0 && !acSet) {
      bankNumber = Tlb.BANK_SUPERVISOR_SMAP;
    } else {
      bankNumber = Tlb.BANK_SUPERVISOR;
    }
    chooseBank();
  }

  private void chooseBank() {
    boolean smap = (cpu.cr4 & ControlRegisters.CR4_SMAP) != 0;
    systemBank = tlb.bank(smap ? Tlb.BANK_SUPERVISOR_SMAP : Tlb.BANK_SUPERVISOR);
    currentBank = tlb.bank(bankNumber);
    bank = currentBank.address();
  }

  /** Whether DR7 enables a data breakpoint, so that every access must be looked at. */
  private boolean hasWatchpoints() {
    long dr7 = cpu.dr[7];
    if ((dr7 & 0xff) == 0) {
      return false;
    }
    for (int i = 0; i < 4; i++) {
      boolean enabled = (dr7 >>> 2 * i & 3) != 0;
      boolean data = (dr7 >>> 16 + 4 * i & 1) != 0;
      if (enabled && data) {
        return true;
      }
    }
    return false;
  }

  /** Raises #AC(0) for a misaligned user access while alignment checking is on. */
  void checkAlignment(long va, int size) {
    if (bankNumber == Tlb.BANK_DEAD
        && cpu.cpl == 3
        && (cpu.systemFlags & Flags.AC) != 0
        && (cpu.cr0 & ControlRegisters.CR0_AM) != 0
        && size <= 8
        && (va & size - 1) != 0) {
      throw cpu.fault(GuestFault.AC, 0);
    }
  }
}
