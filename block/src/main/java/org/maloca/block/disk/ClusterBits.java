package org.maloca.block.disk;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bit for each cluster of a disk, in pages that come into being when a bit in them is set, so
 * that a large disk costs what was written. Bits are only ever set; safe for several threads.
 */
final class ClusterBits {
  private static final int PAGE_BITS = 1 << 16;

  private final AtomicReferenceArray<@Nullable AtomicLongArray> pages;

  ClusterBits(long clusters) {
    pages = new AtomicReferenceArray<>(Math.toIntExact((clusters + PAGE_BITS - 1) / PAGE_BITS));
  }

  boolean get(long cluster) {
    AtomicLongArray page = pages.getAcquire((int) (cluster / PAGE_BITS));
    int bit = (int) (cluster % PAGE_BITS);
    return page != null && (page.getAcquire(bit >> 6) & 1L << bit) != 0;
  }

  void set(long cluster) {
    int index = (int) (cluster / PAGE_BITS);
    AtomicLongArray page = pages.getAcquire(index);
    if (page == null) {
      AtomicLongArray fresh = new AtomicLongArray(PAGE_BITS / Long.SIZE);
      AtomicLongArray there = pages.compareAndExchange(index, null, fresh);
      page = there == null ? fresh : there;
    }
    int bit = (int) (cluster % PAGE_BITS);
    page.updateAndGet(bit >> 6, word -> word | 1L << bit);
  }
}
