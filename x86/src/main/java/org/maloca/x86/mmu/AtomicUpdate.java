package org.maloca.x86.mmu;

import org.maloca.core.memory.HostMemory;
import org.maloca.x86.Cpu;

/**
 * Read-modify-write of 1, 2, 4 or 8 bytes as LOCKed instructions do it. Each answers what was in
 * memory before, zero-extended. Where the host has the same instruction, it does it: to look first
 * and then compare, as {@link Mmu#compareExchange} needs it, would fetch a line twice that several
 * CPUs want.
 */
public final class AtomicUpdate {
  private static final long MASK_32 = 0xffff_ffffL;

  private AtomicUpdate() {}

  /** XCHG. */
  public static long exchange(Mmu mmu, long va, int size, long value) {
    long host = mmu.hostAddressOfWord(va, size);
    if (host != 0) {
      return size == 8
          ? HostMemory.getAndSetLong(host, value)
          : HostMemory.getAndSetInt(host, (int) value) & MASK_32;
    }
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
    long host = mmu.hostAddressOfWord(va, size);
    if (host != 0) {
      return size == 8
          ? HostMemory.getAndAddLong(host, addend)
          : HostMemory.getAndAddInt(host, (int) addend) & MASK_32;
    }
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
