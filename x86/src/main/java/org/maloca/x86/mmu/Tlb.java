package org.maloca.x86.mmu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.maloca.core.memory.HostMemory;

/**
 * The software TLB of one vCPU: banks of direct-mapped entries outside the heap, laid out so that a
 * hit is one load, one compare and one add, for the interpreter and for compiled code alike.
 *
 * <p>Entry (32 bytes): read tag, write tag, addend (host address less linear address), information.
 * A tag is the page's linear address; bit 0 set means that it matches nothing. Compared with {@code
 * (va + size - 1) & ~0xfff}, an access across the page's end misses by itself.
 */
public final class Tlb {
  /** Entries of a bank. */
  public static final int ENTRIES = 1024;

  public static final int ENTRY_SHIFT = 5;
  public static final int INDEX_MASK = ENTRIES - 1;
  public static final int READ_TAG = 0;
  public static final int WRITE_TAG = 8;
  public static final int ADDEND = 16;
  public static final int INFORMATION = 24;

  /** Accesses with user privilege. */
  public static final int BANK_USER = 0;

  /** Supervisor accesses that may not touch user pages (SMAP). */
  public static final int BANK_SUPERVISOR_SMAP = 1;

  /** Supervisor accesses. */
  public static final int BANK_SUPERVISOR = 2;

  /** Always empty: sends every access to the slow path, for breakpoints and alignment checks. */
  public static final int BANK_DEAD = 3;

  private static final int BANKS = 4;
  private static final long NO_TAG = 1;
  private static final long INFO_GLOBAL = 1;
  private static final long INFO_LARGE = 2;
  private static final int INFO_PAGE_SHIFT = 8;
  private static final int JOURNAL_CAPACITY = 2048;

  private final MemorySegment storage;
  private final long base;

  /** Entries filled since the last flush of everything, so that a flush costs what was filled. */
  private final int[] journal = new int[JOURNAL_CAPACITY];

  private int journalLength;
  private boolean journalOverflowed;

  /** Pages of more than 4 KiB are spread over entries; their addresses lie in this range. */
  private long largeLow = -1;

  private long largeHigh;

  Tlb() {
    storage = Arena.ofAuto().allocate((long) BANKS * ENTRIES << ENTRY_SHIFT, 64);
    base = storage.address();
    for (int i = 0; i < BANKS * ENTRIES; i++) {
      clear(i);
    }
  }

  /** Host address of a bank's first entry. */
  long bank(int number) {
    return base + ((long) number * ENTRIES << ENTRY_SHIFT);
  }

  /** Keeps the storage reachable as long as whoever holds its raw address. */
  MemorySegment storage() {
    return storage;
  }

  void fill(
      int bank, long va, long hostAddress, long ramPage, boolean write, boolean global, int shift) {
    int number = bank * ENTRIES + (int) (va >>> 12 & INDEX_MASK);
    long entry = base + ((long) number << ENTRY_SHIFT);
    long page = va & ~0xfffL;
    boolean large = shift > 12;
    HostMemory.putLong(entry + READ_TAG, page);
    HostMemory.putLong(entry + WRITE_TAG, write ? page : NO_TAG);
    HostMemory.putLong(entry + ADDEND, (hostAddress & ~0xfffL) - page);
    HostMemory.putLong(
        entry + INFORMATION,
        ramPage << INFO_PAGE_SHIFT | (global ? INFO_GLOBAL : 0) | (large ? INFO_LARGE : 0));
    if (large) {
      noteLarge(page, shift);
    }
    if (journalLength < JOURNAL_CAPACITY) {
      journal[journalLength++] = number;
    } else {
      journalOverflowed = true;
    }
  }

  private void noteLarge(long page, int shift) {
    long mask = shift >= 63 ? 0 : -1L << shift;
    long low = page & mask;
    long high = low | ~mask;
    if (largeLow == -1 || Long.compareUnsigned(low, largeLow) < 0) {
      largeLow = low;
    }
    if (Long.compareUnsigned(high, largeHigh) > 0) {
      largeHigh = high;
    }
  }

  void flushAll() {
    if (journalOverflowed) {
      for (int i = 0; i < BANKS * ENTRIES; i++) {
        clear(i);
      }
    } else {
      for (int i = 0; i < journalLength; i++) {
        clear(journal[i]);
      }
    }
    journalLength = 0;
    journalOverflowed = false;
    largeLow = -1;
    largeHigh = 0;
  }

  void flushNonGlobal() {
    if (journalOverflowed) {
      flushAll();
      return;
    }
    int kept = 0;
    for (int i = 0; i < journalLength; i++) {
      int number = journal[i];
      if ((information(number) & INFO_GLOBAL) != 0) {
        journal[kept++] = number;
      } else {
        clear(number);
      }
    }
    journalLength = kept;
  }

  void flushPage(long va) {
    if (largeLow != -1
        && Long.compareUnsigned(va, largeLow) >= 0
        && Long.compareUnsigned(va, largeHigh) <= 0) {
      flushLarge();
    }
    for (int bank = 0; bank < BANKS; bank++) {
      int number = bank * ENTRIES + (int) (va >>> 12 & INDEX_MASK);
      long entry = base + ((long) number << ENTRY_SHIFT);
      if (HostMemory.getLong(entry + READ_TAG) == (va & ~0xfffL)) {
        clear(number);
      }
    }
  }

  private void flushLarge() {
    for (int number = 0; number < BANKS * ENTRIES; number++) {
      if ((information(number) & INFO_LARGE) != 0) {
        clear(number);
      }
    }
    largeLow = -1;
    largeHigh = 0;
  }

  /** Makes writes to a page of RAM take the slow path. */
  void protectRamPage(long ramPage) {
    for (int number = 0; number < BANK_DEAD * ENTRIES; number++) {
      if (information(number) >>> INFO_PAGE_SHIFT == ramPage) {
        HostMemory.putLong(base + ((long) number << ENTRY_SHIFT) + WRITE_TAG, NO_TAG);
      }
    }
  }

  private long information(int number) {
    return HostMemory.getLong(base + ((long) number << ENTRY_SHIFT) + INFORMATION);
  }

  private void clear(int number) {
    long entry = base + ((long) number << ENTRY_SHIFT);
    HostMemory.putLong(entry + READ_TAG, NO_TAG);
    HostMemory.putLong(entry + WRITE_TAG, NO_TAG);
    HostMemory.putLong(entry + ADDEND, 0);
    HostMemory.putLong(entry + INFORMATION, 0);
  }
}
