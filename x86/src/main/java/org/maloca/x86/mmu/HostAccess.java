package org.maloca.x86.mmu;

import java.lang.invoke.VarHandle;
import org.maloca.core.memory.HostMemory;

/**
 * Accesses to RAM at addresses of the host, in the order that x86 keeps: loads one after the other,
 * stores behind all accesses before them.
 */
public final class HostAccess {
  private HostAccess() {}

  /** Loads what is at a host address. */
  public static long load64(long hostAddress) {
    long value = HostMemory.getLong(hostAddress);
    VarHandle.acquireFence();
    return value;
  }

  /** Loads what is at a host address. */
  public static int load32(long hostAddress) {
    int value = HostMemory.getInt(hostAddress);
    VarHandle.acquireFence();
    return value;
  }

  /** Loads what is at a host address, zero-extended. */
  public static int load16(long hostAddress) {
    int value = HostMemory.getShort(hostAddress) & 0xffff;
    VarHandle.acquireFence();
    return value;
  }

  /** Loads what is at a host address, zero-extended. */
  public static int load8(long hostAddress) {
    int value = HostMemory.getByte(hostAddress) & 0xff;
    VarHandle.acquireFence();
    return value;
  }

  /** Stores to a host address. */
  public static void store64(long hostAddress, long value) {
    VarHandle.releaseFence();
    HostMemory.putLong(hostAddress, value);
  }

  /** Stores to a host address. */
  public static void store32(long hostAddress, int value) {
    VarHandle.releaseFence();
    HostMemory.putInt(hostAddress, value);
  }

  /** Stores to a host address. */
  public static void store16(long hostAddress, int value) {
    VarHandle.releaseFence();
    HostMemory.putShort(hostAddress, (short) value);
  }

  /** Stores to a host address. */
  public static void store8(long hostAddress, int value) {
    VarHandle.releaseFence();
    HostMemory.putByte(hostAddress, (byte) value);
  }
}
