package org.maloca.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.function;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** System calls on memory. Safe for any thread. */
public final class LinuxMemory {
  public static final int MFD_CLOEXEC = 1;
  public static final int MADV_REMOVE = 9;

  private static final MethodHandle MEMFD_CREATE =
      function("memfd_create", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MADVISE =
      function("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

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
