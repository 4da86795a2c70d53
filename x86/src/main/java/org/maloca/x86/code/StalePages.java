package org.maloca.x86.code;

import java.util.Arrays;

/**
 * Pages of RAM that others wrote to while a vCPU had code of them, with the bytes that were
 * written, until the vCPU looks: all writes to a page until then make one entry. Not thread-safe.
 */
final class StalePages {
  /** Reading a file of so many pages into memory that was a program's costs no other code. */
  static final int CAPACITY = 4096;

  private static final int SLOTS = 2 * CAPACITY;
  private static final int FREE = -1;

  /** 2^32 divided by the golden ratio: spreads neighbours. */
  private static final int GOLDEN = 0x9e37_79b9;

  /** By the page's hash, the number of its entry; the next slots where that is another page's. */
  private final int[] slots = new int[SLOTS];

  private final int[] pages = new int[CAPACITY];

  /** The bytes of each page that were written lie from here... */
  private final int[] from = new int[CAPACITY];

  /** ...to here, exclusive. */
  private final int[] to = new int[CAPACITY];

  private final int[] writes = new int[CAPACITY];
  private int size;

  StalePages() {
    Arrays.fill(slots, FREE);
  }

  /** Notes a write; false when there is no more room. */
  boolean add(int ramPage, int first, int end) {
    int slot = ramPage * GOLDEN >>> Integer.numberOfLeadingZeros(SLOTS - 1);
    while (slots[slot] != FREE && pages[slots[slot]] != ramPage) {
      slot = slot + 1 & SLOTS - 1;
    }
    int entry = slots[slot];
    if (entry != FREE) {
      from[entry] = Math.min(from[entry], first);
      to[entry] = Math.max(to[entry], end);
      writes[entry]++;
      return true;
    }
    if (size == CAPACITY) {
      return false;
    }
    slots[slot] = size;
    pages[size] = ramPage;
    from[size] = first;
    to[size] = end;
    writes[size] = 1;
    size++;
    return true;
  }

  /** Takes an entry. */
  interface Taker {
    /** The bytes from {@code first} to {@code end}, exclusive, were written so many times. */
    void take(int ramPage, int first, int end, int writes);
  }

  /** Gives all entries to somebody, who may add others meanwhile: they are given too. */
  void takeAll(Taker taker) {
    for (int i = 0; i < size; i++) {
      taker.take(pages[i], from[i], to[i], writes[i]);
    }
    clear();
  }

  void clear() {
    if (size > 0) {
      Arrays.fill(slots, FREE);
      size = 0;
    }
  }
}
