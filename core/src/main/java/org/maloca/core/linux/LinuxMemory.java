package org.maloca.core.linux;

import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.intFunction;

import java.lang.foreign.Arena;
import org.maloca.core.linux.CLibrary.CFunction;

/** System calls on memory. Safe for any thread. */
public final class LinuxMemory {
  public static final int MFD_CLOEXEC = 1;
  public static final int MADV_REMOVE = 9;

  private static final CFunction MEMFD_CREATE = intFunction("memfd_create");
  private static final CFunction MADVISE = intFunction("madvise");

  private LinuxMemory() {}

  /** Opens a file that lives in memory alone. */
  public static int memfdCreate(String name, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) call(MEMFD_CREATE, arena.allocateFrom(name).address(), flags);
    }
  }

  public static int madvise(long address, long length, int advice) {
    return (int) call(MADVISE, address, length, advice);
  }
}
