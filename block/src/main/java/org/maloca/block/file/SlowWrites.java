package org.maloca.block.file;

/**
 * Whether the disk is being waited for by writes that should not: two in a row took long. One may
 * have been a thread that others kept from its CPU.
 *
 * <p>Safe for any thread; what several note at once may count as one.
 */
final class SlowWrites {
  /** A copy into the page cache takes longer than this only when it waits. */
  private static final long QUICK_NANOS = 20_000_000;

  /** How long slow writes are remembered. */
  private static final long MEMORY_NANOS = 1_000_000_000;

  private volatile long lastNanos;
  private volatile long expectedUntilNanos;

  SlowWrites(long nowNanos) {
    lastNanos = nowNanos - MEMORY_NANOS;
    expectedUntilNanos = nowNanos;
  }

  /** Whether a write now must be taken for slow. */
  boolean areExpected(long nowNanos) {
    return nowNanos - expectedUntilNanos < 0;
  }

  /** Notes a write. */
  void took(long startNanos, long endNanos) {
    if (endNanos - startNanos <= QUICK_NANOS) {
      return;
    }
    if (startNanos - lastNanos < MEMORY_NANOS) {
      expectedUntilNanos = endNanos + MEMORY_NANOS;
    }
    lastNanos = endNanos;
  }
}
