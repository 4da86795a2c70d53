package org.maloca.x86.mmu;

import java.lang.invoke.VarHandle;
import org.maloca.core.memory.HostMemory;

/**
 * Compare-and-exchange of bytes that lie in two aligned words of RAM: split locks and 16 bytes. No
 * host instruction that Java can reach changes two words at once, so both are changed one after the
 * other by compare-and-set, under the lock that all such operations share; when the second has
 * changed meanwhile, the first is put back and all begins anew.
 *
 * <p>So a plain store or a LOCKed operation of another CPU on either word is not lost, and two
 * operations of this kind are atomic to each other. What is missing of hardware's atomicity:
 * another CPU may see the first word changed before the second is, and a value that is then put
 * back; and a byte that it stores meanwhile counts as ours, and is put back too, if it is the very
 * value that we had put there. The caller holds the lock.
 */
final class TwoWordExchange {
  private TwoWordExchange() {}

  /**
   * Exchanges bytes that begin in one word and end in another.
   *
   * @param first host address of the aligned word with the low bytes
   * @param second host address of the aligned word with the high bytes
   * @param shift bit of the first word where the operand begins, 8 to 56
   * @param size of the operand, more than the first word holds of it, at most 8
   * @return what was found, zero-extended
   */
  static long exchange(long first, long second, int shift, int size, long expected, long value) {
    int inFirst = 64 - shift;
    long lowMask = -1L << shift;
    long highMask = (1L << 8 * size - inFirst) - 1;
    while (true) {
      long low = HostMemory.getLong(first);
      VarHandle.loadLoadFence();
      long high = HostMemory.getLong(second);
      long found = low >>> shift | (high & highMask) << inFirst;
      if (found != expected) {
        if (isStill(first, low)) {
          return found;
        }
        continue;
      }
      long newLow = low & ~lowMask | value << shift;
      long newHigh = high & ~highMask | value >>> inFirst & highMask;
      if (exchangeBoth(first, low, newLow, second, high, newHigh)) {
        return found;
      }
    }
  }

  /**
   * Exchanges 16 aligned bytes.
   *
   * @param found takes the low and the high word found
   */
  static boolean exchange16(
      long host, long expectedLow, long expectedHigh, long low, long high, Mmu found) {
    while (true) {
      found.foundLow = HostMemory.getLong(host);
      VarHandle.loadLoadFence();
      found.foundHigh = HostMemory.getLong(host + 8);
      if (found.foundLow != expectedLow || found.foundHigh != expectedHigh) {
        if (isStill(host, found.foundLow)) {
          return false;
        }
        continue;
      }
      if (exchangeBoth(host, expectedLow, low, host + 8, expectedHigh, high)) {
        return true;
      }
    }
  }

  /** A full fence, and whether both words were read at one moment. */
  private static boolean isStill(long host, long seen) {
    VarHandle.fullFence();
    return HostMemory.getLong(host) == seen;
  }

  private static boolean exchangeBoth(
      long first, long low, long newLow, long second, long high, long newHigh) {
    if (!HostMemory.compareAndSetLong(first, low, newLow)) {
      return false;
    }
    if (HostMemory.compareAndSetLong(second, high, newHigh)) {
      return true;
    }
    putBack(first, low, newLow);
    return false;
  }

  /** Undoes the change of each byte that nobody has written since. */
  private static void putBack(long host, long before, long ours) {
    while (true) {
      long now = HostMemory.getLong(host);
      long theirs = nonzeroBytes(now ^ ours);
      if (HostMemory.compareAndSetLong(host, now, now & theirs | before & ~theirs)) {
        return;
      }
    }
  }

  /** Ones in each byte that is not zero. */
  private static long nonzeroBytes(long value) {
    long sevenBits = 0x7f7f_7f7f_7f7f_7f7fL;
    long tops = ((value & sevenBits) + sevenBits | value) & ~sevenBits;
    return (tops >>> 7) * 0xff;
  }
}
