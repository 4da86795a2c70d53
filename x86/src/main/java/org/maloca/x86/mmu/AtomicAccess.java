package org.maloca.x86.mmu;

import org.maloca.core.memory.HostMemory;
import org.maloca.x86.Cpu;

/**
 * LOCKed read-modify-write. Naturally aligned operands use the host's compare-and-set; operands of 1
 * or 2 bytes go through the aligned word around them. The rest (split locks, device registers,
 * watched pages, 16 bytes) is rare and takes one lock, under which the aligned words are still
 * changed by compare-and-set, so that no other CPU's aligned operation is lost.
 */
final class AtomicAccess {
  /** One for all machines of the process: split locks are rare and short. */
  private static final Object SPLIT_LOCK = new Object();

  private final Mmu mmu;

  AtomicAccess(Mmu mmu) {
    this.mmu = mmu;
  }

  long compareExchange(long va, int size, long expected, long value) {
    long host = mmu.hostAddressForWrite(va, size);
    if (host == 0) {
      return compareExchangeSlowly(va, size, expected, value);
    }
    if (size == 8 && (host & 7) == 0) {
      return exchange8(host, expected, value);
    }
    long container = host & ~3L;
    if (size <= 4 && host + size <= container + 4) {
      return exchangeWithin4(container, (int) (host & 3) * 8, size, expected, value);
    }
    long wide = host & ~7L;
    if (host + size <= wide + 8) {
      return exchangeWithin8(wide, (int) (host & 7) * 8, size, expected, value);
    }
    synchronized (SPLIT_LOCK) {
      long found = Cpu.zeroExtend(mmu.load(va, size), size);
      if (found == Cpu.zeroExtend(expected, size)) {
        mmu.store(va, size, value);
      }
      return found;
    }
  }

  private long compareExchangeSlowly(long va, int size, long expected, long value) {
    synchronized (SPLIT_LOCK) {
      mmu.probeWrite(va, size);
      long found = mmu.load(va, size);
      // The write cycle happens either way, as on hardware.
      mmu.store(va, size, found == Cpu.zeroExtend(expected, size) ? value : found);
      return found;
    }
  }

  private static long exchange8(long host, long expected, long value) {
    while (true) {
      if (HostMemory.compareAndSetLong(host, expected, value)) {
        return expected;
      }
      long found = HostMemory.getLong(host);
      if (found != expected) {
        return found;
      }
    }
  }

  private static long exchangeWithin4(
      long container, int shift, int size, long expected, long value) {
    int mask = size == 4 ? -1 : (1 << 8 * size) - 1;
    while (true) {
      int whole = HostMemory.getInt(container);
      int found = whole >>> shift & mask;
      if (found != ((int) expected & mask)) {
        return found & 0xffff_ffffL;
      }
      int wanted = whole & ~(mask << shift) | ((int) value & mask) << shift;
      if (HostMemory.compareAndSetInt(container, whole, wanted)) {
        return found & 0xffff_ffffL;
      }
    }
  }

  private static long exchangeWithin8(
      long container, int shift, int size, long expected, long value) {
    long mask = (1L << 8 * size) - 1;
    while (true) {
      long whole = HostMemory.getLong(container);
      long found = whole >>> shift & mask;
      if (found != (expected & mask)) {
        return found;
      }
      long wanted = whole & ~(mask << shift) | (value & mask) << shift;
      if (HostMemory.compareAndSetLong(container, whole, wanted)) {
        return found;
      }
    }
  }

  boolean compareExchange128(
      long va, long expectedLow, long expectedHigh, long low, long high) {
    synchronized (SPLIT_LOCK) {
      mmu.probeWrite(va, 16);
      mmu.foundLow = mmu.load64(va);
      mmu.foundHigh = mmu.load64(va + 8);
      if (mmu.foundLow != expectedLow || mmu.foundHigh != expectedHigh) {
        return false;
      }
      mmu.store64(va, low);
      mmu.store64(va + 8, high);
      return true;
    }
  }
}
