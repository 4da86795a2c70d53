package org.maloca.x86.mmu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.maloca.core.memory.HostMemory;

/**
 * One bank of the software TLB: the translations of one privilege, and for user pages of one
 * address space. Direct-mapped entries as {@link Tlb} describes them lie outside the heap.
 *
 * <p>Two journals list the entries that were filled, global ones and others apart, so that a flush
 * costs what was filled since the last one. Entries that let stores through are linked in lists by
 * page of RAM, so that a page of RAM can be protected without looking at all entries.
 */
final class TlbBank {
  private static final long GLOBAL = 1;
  private static final long LARGE = 1 << 1;

  /** The entry's number is in the journal of global entries, or was when it was filled. */
  private static final long IN_GLOBAL_JOURNAL = 1 << 2;

  private static final long IN_LOCAL_JOURNAL = 1 << 3;
  private static final long JOURNALED = IN_GLOBAL_JOURNAL | IN_LOCAL_JOURNAL;

  /** The entry is in the list of those that let stores to its page of RAM through. */
  private static final long LINKED = 1 << 4;

  /** Numbers of the neighbours in the list; an entry's own number is the list's end. */
  private static final int NEXT_SHIFT = 8;

  private static final int PREVIOUS_SHIFT = 22;
  private static final int PAGE_SHIFT = 36;
  private static final int LISTS = 4096;
  private static final int FIRST_JOURNAL_CAPACITY = 256;

  private final MemorySegment storage;
  private final long base;
  private int[] globalJournal = new int[FIRST_JOURNAL_CAPACITY];
  private int[] localJournal = new int[FIRST_JOURNAL_CAPACITY];
  private int globals;
  private int locals;

  /** By the low bits of the page of RAM, the first entry of the list, or -1. */
  private final int[] writers = new int[LISTS];

  TlbBank() {
    storage = Arena.ofAuto().allocate((long) Tlb.ENTRIES << Tlb.ENTRY_SHIFT, 64);
    base = storage.address();
    Arrays.fill(writers, -1);
    for (int number = 0; number < Tlb.ENTRIES; number++) {
      empty(entry(number));
      putInformation(number, 0);
    }
  }

  /** Host address of the first entry. */
  long address() {
    return base;
  }

  /** Keeps the storage reachable as long as whoever holds its raw address. */
  MemorySegment storage() {
    return storage;
  }

  /** Page of RAM or ROM of the entry for a linear address that one of its tags matches. */
  long ramPage(long va) {
    return information(number(va)) >>> PAGE_SHIFT;
  }

  /**
   * Fills the entry of a page.
   *
   * @param writeTag bits that spoil the write tag; 0 lets stores through
   */
  void fill(long va, long hostAddress, long ramPage, long writeTag, boolean global, boolean large) {
    int number = number(va);
    long entry = entry(number);
    long page = va & ~0xfffL;
    long journaled = unlinked(number) & JOURNALED;
    if (global && (journaled & IN_GLOBAL_JOURNAL) == 0) {
      globalJournal = withRoom(globalJournal, globals);
      globalJournal[globals++] = number;
      journaled |= IN_GLOBAL_JOURNAL;
    } else if (!global && (journaled & IN_LOCAL_JOURNAL) == 0) {
      localJournal = withRoom(localJournal, locals);
      localJournal[locals++] = number;
      journaled |= IN_LOCAL_JOURNAL;
    }
    HostMemory.putLong(entry + Tlb.READ_TAG, page);
    HostMemory.putLong(entry + Tlb.WRITE_TAG, page | writeTag);
    HostMemory.putLong(entry + Tlb.ADDEND, (hostAddress & ~0xfffL) - page);
    putInformation(
        number, ramPage << PAGE_SHIFT | journaled | (global ? GLOBAL : 0) | (large ? LARGE : 0));
    if (writeTag == 0) {
      link(number, ramPage);
    }
  }

  private static int[] withRoom(int[] journal, int length) {
    return length < journal.length ? journal : Arrays.copyOf(journal, 2 * length);
  }

  void flushAll() {
    // One by one where that is less work than to empty all lists.
    boolean few = globals + locals < LISTS / 16;
    drop(globalJournal, globals, few);
    drop(localJournal, locals, few);
    if (!few) {
      Arrays.fill(writers, -1);
    }
    globals = 0;
    locals = 0;
  }

  private void drop(int[] journal, int length, boolean unlinks) {
    for (int i = 0; i < length; i++) {
      int number = journal[i];
      if (unlinks) {
        long ignored = unlinked(number);
      }
      empty(entry(number));
      putInformation(number, 0);
    }
  }

  /** Drops what is not global. */
  void flushLocal() {
    for (int i = 0; i < locals; i++) {
      int number = localJournal[i];
      if ((information(number) & GLOBAL) == 0) {
        clear(number);
      }
      putInformation(number, information(number) & ~IN_LOCAL_JOURNAL);
    }
    locals = 0;
  }

  /** Drops the entry of one page. */
  void flushPage(long va) {
    int number = number(va);
    if (HostMemory.getLong(entry(number) + Tlb.READ_TAG) == (va & ~0xfffL)) {
      clear(number);
    }
  }

  /** Drops all parts of large pages that lie in the aligned range of 2^shift bytes around va. */
  void flushLarge(long va, int shift) {
    int pages = (int) Math.min(1L << shift - 12, Tlb.ENTRIES);
    int first = number(va >>> shift << shift);
    for (int number = first; number < first + pages; number++) {
      long tag = HostMemory.getLong(entry(number) + Tlb.READ_TAG);
      if ((information(number) & LARGE) != 0 && (tag ^ va) >>> shift == 0) {
        clear(number);
      }
    }
  }

  /** Makes writes to a page of RAM take the slow path, as they do for watched pages. */
  void protect(long ramPage) {
    int number = writers[list(ramPage)];
    while (number >= 0) {
      long information = information(number);
      int next = next(information);
      if (information >>> PAGE_SHIFT == ramPage) {
        long ignored = unlinked(number);
        long entry = entry(number);
        long page = HostMemory.getLong(entry + Tlb.READ_TAG);
        HostMemory.putLong(entry + Tlb.WRITE_TAG, page | Tlb.WATCHED_TAG);
      }
      number = next == number ? -1 : next;
    }
  }

  // Lists.

  private static int list(long ramPage) {
    return (int) ramPage & LISTS - 1;
  }

  private static int next(long information) {
    return (int) (information >>> NEXT_SHIFT) & Tlb.INDEX_MASK;
  }

  private static int previous(long information) {
    return (int) (information >>> PREVIOUS_SHIFT) & Tlb.INDEX_MASK;
  }

  private void link(int number, long ramPage) {
    int head = writers[list(ramPage)];
    writers[list(ramPage)] = number;
    setNext(number, head < 0 ? number : head);
    setPrevious(number, number);
    putInformation(number, information(number) | LINKED);
    if (head >= 0) {
      setPrevious(head, number);
    }
  }

  /** Takes an entry out of its list if it is in one; returns its information. */
  private long unlinked(int number) {
    long information = information(number);
    if ((information & LINKED) == 0) {
      return information;
    }
    int next = next(information);
    int previous = previous(information);
    if (previous != number) {
      setNext(previous, next == number ? previous : next);
    } else {
      writers[list(information >>> PAGE_SHIFT)] = next == number ? -1 : next;
    }
    if (next != number) {
      setPrevious(next, previous == number ? next : previous);
    }
    information &= ~LINKED;
    putInformation(number, information);
    return information;
  }

  private void setNext(int number, int next) {
    long kept = information(number) & ~((long) Tlb.INDEX_MASK << NEXT_SHIFT);
    putInformation(number, kept | (long) next << NEXT_SHIFT);
  }

  private void setPrevious(int number, int previous) {
    long kept = information(number) & ~((long) Tlb.INDEX_MASK << PREVIOUS_SHIFT);
    putInformation(number, kept | (long) previous << PREVIOUS_SHIFT);
  }

  // Entries.

  private static int number(long va) {
    return (int) (va >>> 12) & Tlb.INDEX_MASK;
  }

  private long entry(int number) {
    return base + ((long) number << Tlb.ENTRY_SHIFT);
  }

  private long information(int number) {
    return HostMemory.getLong(entry(number) + Tlb.INFORMATION);
  }

  private void putInformation(int number, long information) {
    HostMemory.putLong(entry(number) + Tlb.INFORMATION, information);
  }

  private void clear(int number) {
    long journaled = unlinked(number) & JOURNALED;
    empty(entry(number));
    putInformation(number, journaled);
  }

  private static void empty(long entry) {
    HostMemory.putLong(entry + Tlb.READ_TAG, Tlb.NO_TAG);
    HostMemory.putLong(entry + Tlb.WRITE_TAG, Tlb.NO_TAG);
    HostMemory.putLong(entry + Tlb.ADDEND, 0);
  }
}
