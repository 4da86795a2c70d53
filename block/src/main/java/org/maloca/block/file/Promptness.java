package org.maloca.block.file;

import java.lang.foreign.Arena;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.LocalFileSystems;
import org.maloca.core.memory.HostMemory;

/**
 * What of a file can be read and written without waiting, through the page cache. The kernel is
 * asked not to wait ({@code RWF_NOWAIT}); where a file system cannot do that for writes, as ext4
 * cannot, a local one's copy into the page cache is taken for quick until {@link SlowWrites} came.
 *
 * <p>Safe for any thread.
 */
final class Promptness {
  /** A write of less than whole pages may have to read the rest from the disk. */
  private static final long PAGE_BYTES = 4096;

  /** Bytes of {@code struct statfs}. */
  private static final long STATFS_BYTES = 120;

  private final boolean isLocal;
  private volatile boolean canRead;
  private volatile boolean canWrite;
  private volatile int writeFlags = LinuxCalls.RWF_NOWAIT;

  private final SlowWrites slowWrites;

  private Promptness(boolean isPossible, boolean isLocal) {
    this.isLocal = isLocal;
    canRead = isPossible;
    canWrite = isPossible;
    slowWrites = new SlowWrites(System.nanoTime());
  }

  /** That of a file of which nothing is at once. */
  static Promptness none() {
    return new Promptness(false, false);
  }

  /** That of an open file that is read and written through the page cache. */
  static Promptness of(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      long status = arena.allocate(STATFS_BYTES, Long.BYTES).address();
      boolean isKnown = LinuxCalls.fstatfs(fd, status) == 0;
      return new Promptness(
          true, isKnown && LocalFileSystems.include((int) HostMemory.getLong(status)));
    }
  }

  boolean allowsReading() {
    return canRead;
  }

  boolean allowsWriting(long position, long bytes) {
    return canWrite
        && ((position | bytes) & PAGE_BYTES - 1) == 0
        && !slowWrites.areExpected(System.nanoTime());
  }

  /** Answers bytes read, or an error below 0. */
  long read(int fd, long iovecs, int count, long position) {
    long moved = LinuxCalls.preadv2(fd, iovecs, count, position, LinuxCalls.RWF_NOWAIT);
    if (isImpossible(moved)) {
      canRead = false;
    }
    return moved;
  }

  /** Answers bytes written, or an error below 0. */
  long write(int fd, long iovecs, int count, long position) {
    long startNanos = System.nanoTime();
    long moved = LinuxCalls.pwritev2(fd, iovecs, count, position, writeFlags);
    if (isImpossible(moved)) {
      canWrite = isLocal && writeFlags != 0;
      writeFlags = 0;
      return moved;
    }
    slowWrites.took(startNanos, System.nanoTime());
    return moved;
  }

  private static boolean isImpossible(long moved) {
    return moved == -Errno.EOPNOTSUPP || moved == -Errno.ENOSYS || moved == -Errno.EINVAL;
  }
}
