package org.maloca.x86.mmu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The software TLB of one vCPU: banks of direct-mapped entries outside the heap, laid out so that a
 * hit is one load, one compare and one add, for the interpreter and for compiled code alike.
 *
 * <p>Entry (32 bytes): read tag, write tag, addend (host address less linear address), information.
 * A tag is the page's linear address; a low bit set means that it matches nothing. Compared with
 * {@code (va + size - 1) & ~0xfff}, an access across the page's end misses by itself.
 *
 * <p>There are two banks for supervisor accesses, and a few for user accesses: one for each of the
 * process-context identifiers used last, so that a change of CR3 that keeps translations finds
 * those of the process again. Entries may be dropped at any time.
 */
public final class Tlb {
  /** Entries of a bank: 64 MiB of the guest's pages. */
  public static final int ENTRIES = 1 << 14;

  public static final int ENTRY_SHIFT = 5;
  public static final int INDEX_MASK = ENTRIES - 1;

  /** An entry's offset in its bank is {@code va >>> OFFSET_SHIFT & OFFSET_MASK}. */
  public static final int OFFSET_SHIFT = 12 - ENTRY_SHIFT;

  public static final long OFFSET_MASK = (long) INDEX_MASK << ENTRY_SHIFT;
  public static final int READ_TAG = 0;
  public static final int WRITE_TAG = 8;
  public static final int ADDEND = 16;
  public static final int INFORMATION = 24;

  /** A tag that matches nothing. */
  static final long NO_TAG = 1;

  /** Set in the write tag of a page that could be written, were it not watched for code. */
  static final long WATCHED_TAG = 2;

  /** Accesses with user privilege. */
  public static final int BANK_USER = 0;

  /** Supervisor accesses that may not touch user pages (SMAP). */
  public static final int BANK_SUPERVISOR_SMAP = 1;

  /** Supervisor accesses. */
  public static final int BANK_SUPERVISOR = 2;

  /** Always empty: sends every access to the slow path, for breakpoints and alignment checks. */
  public static final int BANK_DEAD = 3;

  /** Address spaces whose user pages are kept. */
  static final int SPACES = 4;

  private static final int NO_PCID = -1;

  /** Pages of up to 4 MiB, and those of 1 GiB. */
  private static final int LARGE_SHIFT = 22;

  private static final int HUGE_SHIFT = 30;

  /** The dead bank of all vCPUs. */
  private static final class Dead {
    static final TlbBank BANK = new TlbBank();
  }

  /** Where in {@link #banks} those of the address spaces begin. */
  private static final int FIRST_USER = 2;

  private final TlbBank supervisor = new TlbBank();
  private final TlbBank supervisorSmap = new TlbBank();

  /** All banks that were needed so far: the supervisor's, then those of the address spaces. */
  private final @Nullable TlbBank[] banks = new TlbBank[FIRST_USER + SPACES];

  private final int[] pcids = new int[SPACES];

  /** When each space was entered last. */
  private final long[] entered = new long[SPACES];

  private long changes;

  /** Number of the space in use, and its bank. */
  private int space;

  private TlbBank user = new TlbBank();

  /** Where parts of large pages were filled. */
  private final RangeFilter largeRanges = new RangeFilter(LARGE_SHIFT);

  private final RangeFilter hugeRanges = new RangeFilter(HUGE_SHIFT);

  Tlb() {
    Arrays.fill(pcids, NO_PCID);
    banks[0] = supervisor;
    banks[1] = supervisorSmap;
    banks[FIRST_USER] = user;
    pcids[0] = 0;
  }

  /** A bank, for the space in use. */
  TlbBank bank(int number) {
    return switch (number) {
      case BANK_USER -> user;
      case BANK_SUPERVISOR_SMAP -> supervisorSmap;
      case BANK_SUPERVISOR -> supervisor;
      default -> Dead.BANK;
    };
  }

  /** Number of the space in use. */
  int space() {
    return space;
  }

  void fill(
      TlbBank bank,
      long va,
      long hostAddress,
      long ramPage,
      long writeTag,
      boolean global,
      int shift) {
    // Without paging there is one page, which nothing invalidates but paging itself.
    boolean large = shift > 12 && shift <= HUGE_SHIFT;
    if (large) {
      (shift <= LARGE_SHIFT ? largeRanges : hugeRanges).add(va);
    }
    bank.fill(va, hostAddress, ramPage, writeTag, global, large);
  }

  /**
   * Enters an address space.
   *
   * @param pcid its process-context identifier
   * @param keeps whether its translations of earlier may be used; otherwise global ones alone
   * @return whether there were any to be kept
   */
  boolean enter(int pcid, boolean keeps) {
    supervisor.flushLocal();
    supervisorSmap.flushLocal();
    int found = indexOf(pcid);
    boolean known = found >= 0;
    space = known ? found : oldest();
    TlbBank bank = banks[FIRST_USER + space];
    if (bank == null) {
      bank = new TlbBank();
      banks[FIRST_USER + space] = bank;
    } else if (!known) {
      bank.flushAll();
    } else if (!keeps) {
      bank.flushLocal();
    }
    user = bank;
    pcids[space] = pcid;
    entered[space] = ++changes;
    return known && keeps;
  }

  private int indexOf(int pcid) {
    for (int i = 0; i < SPACES; i++) {
      if (pcids[i] == pcid) {
        return i;
      }
    }
    return -1;
  }

  private int oldest() {
    int oldest = 0;
    for (int i = 1; i < SPACES; i++) {
      if (entered[i] < entered[oldest]) {
        oldest = i;
      }
    }
    return oldest;
  }

  /** Drops everything; of the address spaces only the one in use is remembered. */
  void flushAll(int pcid) {
    for (TlbBank bank : banks) {
      if (bank != null) {
        bank.flushAll();
      }
    }
    Arrays.fill(pcids, NO_PCID);
    largeRanges.clear();
    hugeRanges.clear();
    pcids[space] = pcid;
  }

  /** Drops what is not global, of all address spaces. */
  void flushLocal() {
    for (TlbBank bank : banks) {
      if (bank != null) {
        bank.flushLocal();
      }
    }
  }

  /** Drops what is not global of an address space that is not the one in use. */
  void forgetSpace(int pcid) {
    int found = indexOf(pcid);
    if (found >= 0) {
      pcids[found] = NO_PCID;
      entered[found] = 0;
    }
  }

  /** Drops one page, of all address spaces; of a large page all that was filled. */
  void flushPage(long va) {
    int shift = 12;
    if (hugeRanges.mayContain(va)) {
      shift = HUGE_SHIFT;
    } else if (largeRanges.mayContain(va)) {
      shift = LARGE_SHIFT;
    }
    for (TlbBank bank : banks) {
      if (bank != null) {
        flushPage(bank, va, shift);
      }
    }
  }

  private static void flushPage(TlbBank bank, long va, int shift) {
    if (shift > 12) {
      bank.flushLarge(va, shift);
    }
    bank.flushPage(va);
  }

  /** Makes writes to a page of RAM take the slow path. */
  void protectRamPage(long ramPage) {
    for (TlbBank bank : banks) {
      if (bank != null) {
        bank.protect(ramPage);
      }
    }
  }
}
