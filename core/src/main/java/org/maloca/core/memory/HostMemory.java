package org.maloca.core.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Raw access to host memory by absolute address, little-endian, unaligned allowed.
 *
 * <p>This is the one place that knows how Maloca touches memory outside the heap. Where {@code
 * jdk.internal.misc} is exported to this module (the launcher and the jar's manifest do so) it is
 * {@code Unsafe}; embedded without flags it is a foreign-memory segment over all of memory, which
 * is slower on large compiled regions. Nothing here checks bounds: callers have translated and
 * checked the address. Atomic methods are full fences.
 */
public final class HostMemory {
  private static final boolean UNSAFE = isExported();

  private HostMemory() {}

  private static boolean isExported() {
    try {
      return JdkUnsafe.U.addressSize() == 8;
    } catch (IllegalAccessError notExported) {
      return false;
    }
  }

  /** True when the fast path is in use; when false, a JVM flag would make the CPU faster. */
  public static boolean isFast() {
    return UNSAFE;
  }

  public static byte getByte(long address) {
    return UNSAFE ? JdkUnsafe.U.getByte(null, address) : ForeignMemory.getByte(address);
  }

  public static short getShort(long address) {
    return UNSAFE ? JdkUnsafe.U.getShort(null, address) : ForeignMemory.getShort(address);
  }

  public static int getInt(long address) {
    return UNSAFE ? JdkUnsafe.U.getInt(null, address) : ForeignMemory.getInt(address);
  }

  public static long getLong(long address) {
    return UNSAFE ? JdkUnsafe.U.getLong(null, address) : ForeignMemory.getLong(address);
  }

  public static void putByte(long address, byte value) {
    if (UNSAFE) {
      JdkUnsafe.U.putByte(null, address, value);
    } else {
      ForeignMemory.putByte(address, value);
    }
  }

  public static void putShort(long address, short value) {
    if (UNSAFE) {
      JdkUnsafe.U.putShort(null, address, value);
    } else {
      ForeignMemory.putShort(address, value);
    }
  }

  public static void putInt(long address, int value) {
    if (UNSAFE) {
      JdkUnsafe.U.putInt(null, address, value);
    } else {
      ForeignMemory.putInt(address, value);
    }
  }

  public static void putLong(long address, long value) {
    if (UNSAFE) {
      JdkUnsafe.U.putLong(null, address, value);
    } else {
      ForeignMemory.putLong(address, value);
    }
  }

  /** Compares and sets four bytes; {@code address} is 4-byte aligned. */
  public static boolean compareAndSetInt(long address, int expected, int value) {
    return UNSAFE
        ? JdkUnsafe.U.compareAndSetInt(null, address, expected, value)
        : ForeignMemory.compareAndSetInt(address, expected, value);
  }

  /** Compares and sets eight bytes; {@code address} is 8-byte aligned. */
  public static boolean compareAndSetLong(long address, long expected, long value) {
    return UNSAFE
        ? JdkUnsafe.U.compareAndSetLong(null, address, expected, value)
        : ForeignMemory.compareAndSetLong(address, expected, value);
  }

  /** Replaces four bytes; {@code address} is 4-byte aligned. Returns what was there. */
  public static int getAndSetInt(long address, int value) {
    return UNSAFE
        ? JdkUnsafe.U.getAndSetInt(null, address, value)
        : ForeignMemory.getAndSetInt(address, value);
  }

  /** Replaces eight bytes; {@code address} is 8-byte aligned. Returns what was there. */
  public static long getAndSetLong(long address, long value) {
    return UNSAFE
        ? JdkUnsafe.U.getAndSetLong(null, address, value)
        : ForeignMemory.getAndSetLong(address, value);
  }

  /** Adds to four bytes; {@code address} is 4-byte aligned. Returns what was there. */
  public static int getAndAddInt(long address, int addend) {
    return UNSAFE
        ? JdkUnsafe.U.getAndAddInt(null, address, addend)
        : ForeignMemory.getAndAddInt(address, addend);
  }

  /** Adds to eight bytes; {@code address} is 8-byte aligned. Returns what was there. */
  public static long getAndAddLong(long address, long addend) {
    return UNSAFE
        ? JdkUnsafe.U.getAndAddLong(null, address, addend)
        : ForeignMemory.getAndAddLong(address, addend);
  }

  /** Copies {@code length} bytes between host addresses; ranges may overlap. */
  public static void copy(long source, long destination, long length) {
    if (UNSAFE) {
      JdkUnsafe.U.copyMemory(source, destination, length);
    } else {
      ForeignMemory.copy(source, destination, length);
    }
  }

  /** Sets {@code length} bytes to {@code value}. */
  public static void fill(long address, long length, byte value) {
    if (UNSAFE) {
      JdkUnsafe.U.setMemory(address, length, value);
    } else {
      ForeignMemory.fill(address, length, value);
    }
  }

  /** Copies from host memory into an array. */
  public static void read(long address, byte[] destination, int offset, int length) {
    // These forms make no segment of the array.
    MemorySegment.copy(
        ForeignMemory.ALL, ValueLayout.JAVA_BYTE, address, destination, offset, length);
  }

  /** Copies from an array into host memory. */
  public static void write(long address, byte[] source, int offset, int length) {
    MemorySegment.copy(source, offset, ForeignMemory.ALL, ValueLayout.JAVA_BYTE, address, length);
  }
}
