package org.maloca.x86.mmu;

import java.lang.invoke.VarHandle;
import org.maloca.core.memory.HostMemory;
import org.maloca.x86.Cpu;

/**
 * LOCKed read-modify-write. Operands within an aligned word of RAM use the host's compare-and-set
 * on that word, whether or not the page is watched; operands across words, which are rare, take one
 * lock and a {@link TwoWordExchange}. Device registers are read and written under the same lock.
 * Every operation is a full fence, also when the comparison fails.
 */
final class AtomicAccess {
  /** One for all machines of the process: split locks are rare and short. */
  private static final Object SPLIT_LOCK = new Object();

  private final Mmu mmu;
  private final SlowPath slow;

  AtomicAccess(Mmu mmu, SlowPath slow) {
    this.mmu = mmu;
    this.slow = slow;
  }

  long compareExchange(long va, int size, long expected, long value) {
    long host = mmu.hostAddressForWrite(va, size);
    if (host != 0) {
      return exchangeInPage(host, size, expected, value);
    }
    int inPage = (int) (0x1000 - (va & 0xfff));
    if (inPage < size) {
      return exchangeAcrossPages(va, inPage, size, expected, value);
    }
    host = slow.hostForUpdate(va, size);
    if (host == 0) {
      return exchangeSlowly(va, size, expected, value);
    }
    long ramOffset = slow.updateRamOffset;
    long found = exchangeInPage(host, size, expected, value);
    slow.updated(va, size, ramOffset);
    return found;
  }

  private static long exchangeInPage(long host, int size, long expected, long value) {
    if (size == 8 && (host & 7) == 0) {
      return exchange8(host, expected, value);
    }
    long container = host & ~3L;
    if (size <= 4 && host + size <= container + 4) {
      return exchangeWithin4(container, (int) (host & 3) * 8, size, expected, value);
    }
    long wide = host & ~7L;
    int shift = (int) (host & 7) * 8;
    if (host + size <= wide + 8) {
      return exchangeWithin8(wide, shift, size, expected, value);
    }
    long wanted = Cpu.zeroExtend(expected, size);
    synchronized (SPLIT_LOCK) {
      return TwoWordExchange.exchange(wide, wide + 8, shift, size, wanted, value);
    }
  }

  private long exchangeAcrossPages(long va, int inPage, int size, long expected, long value) {
    mmu.checkAlignment(va, size);
    long next = slow.nextPage(va);
    long first = slow.hostForUpdate(va, inPage);
    long firstOffset = slow.updateRamOffset;
    long second = slow.hostForUpdate(next, size - inPage);
    long secondOffset = slow.updateRamOffset;
    if (first == 0 || second == 0) {
      return exchangeSlowly(va, size, expected, value);
    }
    int shift = (int) (first & 7) * 8;
    long wanted = Cpu.zeroExtend(expected, size);
    long found;
    synchronized (SPLIT_LOCK) {
      found = TwoWordExchange.exchange(first & ~7L, second, shift, size, wanted, value);
    }
    slow.updated(va, inPage, firstOffset);
    slow.updated(next, size - inPage, secondOffset);
    return found;
  }

  /** Registers of devices, wholly or in part. */
  private long exchangeSlowly(long va, int size, long expected, long value) {
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
        VarHandle.fullFence();
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
        VarHandle.fullFence();
        return found;
      }
      long wanted = whole & ~(mask << shift) | (value & mask) << shift;
      if (HostMemory.compareAndSetLong(container, whole, wanted)) {
        return found;
      }
    }
  }

  boolean compareExchange128(long va, long expectedLow, long expectedHigh, long low, long high) {
    long host = mmu.hostAddressForWrite(va, 16);
    if (host != 0) {
      synchronized (SPLIT_LOCK) {
        return TwoWordExchange.exchange16(host, expectedLow, expectedHigh, low, high, mmu);
      }
    }
    host = slow.hostForUpdate(va, 16);
    if (host == 0) {
      return exchange16Slowly(va, expectedLow, expectedHigh, low, high);
    }
    long ramOffset = slow.updateRamOffset;
    boolean equal;
    synchronized (SPLIT_LOCK) {
      equal = TwoWordExchange.exchange16(host, expectedLow, expectedHigh, low, high, mmu);
    }
    slow.updated(va, 16, ramOffset);
    return equal;
  }

  private boolean exchange16Slowly(
      long va, long expectedLow, long expectedHigh, long low, long high) {
    synchronized (SPLIT_LOCK) {
      mmu.probeWrite(va, 16);
      mmu.foundLow = mmu.load64(va);
      mmu.foundHigh = mmu.load64(va + 8);
      boolean equal = mmu.foundLow == expectedLow && mmu.foundHigh == expectedHigh;
      mmu.store64(va, equal ? low : mmu.foundLow);
      mmu.store64(va + 8, equal ? high : mmu.foundHigh);
      return equal;
    }
  }
}
