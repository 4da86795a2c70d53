package org.maloca.core.memory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LinuxMemory;

/**
 * A file that lives in memory alone (Linux {@code memfd_create(2)}), so that guest RAM is never
 * written back to a disk. Hosts without it use a deleted temporary file.
 */
final class LinuxMemoryFile {
  private LinuxMemoryFile() {}

  /** Opens a new empty memory file, or answers null where the host has no such thing. */
  static @Nullable FileChannel open(String name) {
    int fd = LinuxMemory.memfdCreate(name, LinuxMemory.MFD_CLOEXEC);
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
      int ignored = LinuxCalls.close(fd);
    }
  }
}
