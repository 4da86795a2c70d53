package org.maloca.x86.mmu;

import java.util.Arrays;

/**
 * Remembers aligned ranges of linear addresses in a fixed number of bits: it may take a range for
 * one that was added, but never forgets one.
 */
final class RangeFilter {
  private static final int BITS = 1 << 14;

  /** 2^64 divided by the golden ratio: spreads neighbours over all bits. */
  private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

  private final long[] bits = new long[BITS / Long.SIZE];
  private final int shift;
  private boolean empty = true;

  /** Makes a filter for ranges of 2^shift bytes. */
  RangeFilter(int shift) {
    this.shift = shift;
  }

  void add(long va) {
    int bit = bit(va);
    bits[bit >>> 6] |= 1L << bit;
    empty = false;
  }

  boolean mayContain(long va) {
    int bit = bit(va);
    return (bits[bit >>> 6] >>> bit & 1) != 0;
  }

  void clear() {
    if (!empty) {
      Arrays.fill(bits, 0);
      empty = true;
    }
  }

  private int bit(long va) {
    return (int) ((va >>> shift) * GOLDEN >>> 50);
  }
}
