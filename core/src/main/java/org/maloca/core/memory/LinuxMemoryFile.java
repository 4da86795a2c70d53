package org.maloca.core.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that lives in memory alone (Linux {@code memfd_create(2)}), so that guest RAM is never
 * written back to a disk. Hosts without it use a deleted temporary file.
 */
final class LinuxMemoryFile {
  private static final int MFD_CLOEXEC = 1;

  private LinuxMemoryFile() {}

  /** Opens a new empty memory file, or answers null where the host has no such thing. */
  static @Nullable FileChannel open(String name) throws IOException {
    if (!System.getProperty("os.name", "").startsWith("Linux")) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    MemorySegment memfdCreate = linker.defaultLookup().find("memfd_create").orElse(null);
    MemorySegment close = linker.defaultLookup().find("close").orElse(null);
    if (memfdCreate == null || close == null) {
      return null;
    }
    MethodHandle create =
        linker.downcallHandle(
            memfdCreate,
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    MethodHandle closeFd =
        linker.downcallHandle(
            close, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    int fd;
    try (Arena arena = Arena.ofConfined()) {
      fd = (int) create.invokeExact(arena.allocateFrom(name), MFD_CLOEXEC);
    } catch (Throwable failure) {
      throw new IOException("memfd_create failed", failure);
    }
    if (fd < 0) {
      return null;
    }
    // The JDK offers no channel over a bare descriptor; the kernel's link to it opens the same
    // file.
    try {
      return FileChannel.open(
          Path.of("/proc/self/fd/" + fd), StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException noProc) {
      return null;
    } finally {
      closeQuietly(closeFd, fd);
    }
  }

  private static void closeQuietly(MethodHandle closeFd, int fd) {
    try {
      int ignored = (int) closeFd.invokeExact(fd);
    } catch (Throwable failure) {
      throw new IllegalStateException("close(" + fd + ")", failure);
    }
  }
}
