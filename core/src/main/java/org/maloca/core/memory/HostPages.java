package org.maloca.core.memory;

import org.maloca.core.linux.LinuxMemory;

/**
 * Gives pages of a shared file mapping back to the host: Linux {@code madvise(2)} with {@code
 * MADV_REMOVE}, which punches a hole into the file. Elsewhere they are only zeroed.
 */
final class HostPages {
  private HostPages() {}

  /** Makes whole pages read as zeros, taking no memory where the host can do that. */
  static void release(long address, long length) {
    if (LinuxMemory.madvise(address, length, LinuxMemory.MADV_REMOVE) != 0) {
      HostMemory.fill(address, length, (byte) 0);
    }
  }
}
