package org.maloca.core.memory;

import jdk.internal.misc.Unsafe;

/** {@link HostMemory} by the JDK's internal {@code Unsafe}: one machine instruction an access. */
final class UnsafeMemory {
  private UnsafeMemory() {}

  /** Loaded only when linked, so that a missing export is noticed rather than fatal. */
  private static final class Holder {
    static final Unsafe U = Unsafe.getUnsafe();
  }

  static boolean usable() {
    try {
      return Holder.U.addressSize() == 8;
    } catch (IllegalAccessError notExported) {
      return false;
    }
  }

  static byte getByte(long address) {
    return Holder.U.getByte(null, address);
  }

  static short getShort(long address) {
    return Holder.U.getShort(null, address);
  }

  static int getInt(long address) {
    return Holder.U.getInt(null, address);
  }

  static long getLong(long address) {
    return Holder.U.getLong(null, address);
  }

  static void putByte(long address, byte value) {
    Holder.U.putByte(null, address, value);
  }

  static void putShort(long address, short value) {
    Holder.U.putShort(null, address, value);
  }

  static void putInt(long address, int value) {
    Holder.U.putInt(null, address, value);
  }

  static void putLong(long address, long value) {
    Holder.U.putLong(null, address, value);
  }

  static boolean compareAndSetInt(long address, int expected, int value) {
    return Holder.U.compareAndSetInt(null, address, expected, value);
  }

  static boolean compareAndSetLong(long address, long expected, long value) {
    return Holder.U.compareAndSetLong(null, address, expected, value);
  }

  static int getAndSetInt(long address, int value) {
    return Holder.U.getAndSetInt(null, address, value);
  }

  static long getAndSetLong(long address, long value) {
    return Holder.U.getAndSetLong(null, address, value);
  }

  static int getAndAddInt(long address, int addend) {
    return Holder.U.getAndAddInt(null, address, addend);
  }

  static long getAndAddLong(long address, long addend) {
    return Holder.U.getAndAddLong(null, address, addend);
  }

  static void copy(long source, long destination, long length) {
    Holder.U.copyMemory(source, destination, length);
  }

  static void fill(long address, long length, byte value) {
    Holder.U.setMemory(address, length, value);
  }
}
