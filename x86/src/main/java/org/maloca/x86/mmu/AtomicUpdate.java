package org.maloca.x86.mmu;

import org.maloca.x86.Cpu;

/**
 * Read-modify-write of 1, 2, 4 or 8 bytes as LOCKed instructions do it, by {@link
 * Mmu#compareExchange}. Each answers what was in memory before, zero-extended.
 */
public final class AtomicUpdate {
  private AtomicUpdate() {}

  /** XCHG. */
  public static long exchange(Mmu mmu, long va, int size, long value) {
    long expected = mmu.loadForUpdate(va, size);
    while (true) {
      long found = mmu.compareExchange(va, size, expected, value);
      if (found == expected) {
        return found;
      }
      expected = found;
    }
  }

  /** ADD, SUB, INC, DEC, XADD. */
  public static long add(Mmu mmu, long va, int size, long addend) {
    long expected = mmu.loadForUpdate(va, size);
    while (true) {
      long sum = Cpu.zeroExtend(expected + addend, size);
      long found = mmu.compareExchange(va, size, expected, sum);
      if (found == expected) {
        return found;
      }
      expected = found;
    }
  }

  /** AND, BTR. */
  public static long and(Mmu mmu, long va, int size, long mask) {
    long expected = mmu.loadForUpdate(va, size);
    while (true) {
      long found = mmu.compareExchange(va, size, expected, expected & mask);
      if (found == expected) {
        return found;
      }
      expected = found;
    }
  }

  /** OR, BTS. */
  public static long or(Mmu mmu, long va, int size, long mask) {
    long expected = mmu.loadForUpdate(va, size);
    while (true) {
      long found = mmu.compareExchange(va, size, expected, Cpu.zeroExtend(expected | mask, size));
      if (found == expected) {
        return found;
      }
      expected = found;
    }
  }

  /** XOR, NOT, BTC. */
  public static long xor(Mmu mmu, long va, int size, long mask) {
    long expected = mmu.loadForUpdate(va, size);
    while (true) {
      long found = mmu.compareExchange(va, size, expected, Cpu.zeroExtend(expected ^ mask, size));
      if (found == expected) {
        return found;
      }
      expected = found;
    }
  }
}
