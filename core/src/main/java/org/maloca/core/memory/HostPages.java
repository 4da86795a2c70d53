package org.maloca.core.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Gives pages of a shared file mapping back to the host: Linux {@code madvise(2)} with {@code
 * MADV_REMOVE}, which punches a hole into the file. Elsewhere they are only zeroed.
 */
final class HostPages {
  private static final int MADV_REMOVE = 9;
  private static final @Nullable MethodHandle MADVISE = madvise();

  private HostPages() {}

  private static @Nullable MethodHandle madvise() {
    if (!System.getProperty("os.name", "").startsWith("Linux")) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().find("madvise").orElse(null);
    return function == null
        ? null
        : linker.downcallHandle(
            function,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
  }

  /** Makes whole pages read as zeros, taking no memory where the host can do that. */
  static void release(long address, long length) {
    if (!remove(address, length)) {
      HostMemory.fill(address, length, (byte) 0);
    }
  }

  private static boolean remove(long address, long length) {
    if (MADVISE == null) {
      return false;
    }
    try {
      return (int) MADVISE.invokeExact(address, length, MADV_REMOVE) == 0;
    } catch (Throwable failure) {
      throw new IllegalStateException("madvise", failure);
    }
  }
}
