package org.maloca.block.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;

/**
 * The lock on an image file by which QEMU and Maloca keep out of each other's way: read locks of
 * open file descriptions ({@code F_OFD_SETLK}) on single bytes, a protocol described in QEMU's
 * documentation of image locking ({@code docs/system/qemu-block-drivers}, "Disk image file
 * locking") and visible in {@code /proc/locks}.
 *
 * <p>There is a byte for each permission. Who uses a permission holds the byte at {@link
 * #PERMISSION_BASE} plus its number; who does not let others use it holds the byte at {@link
 * #EXCLUSION_BASE} plus its number. Having taken its own, each looks whether others hold the
 * opposite byte. The locks go away with the file descriptor, so a killed machine leaves none.
 */
final class LinuxImageLock {
  private static final int PERMISSION_BASE = 100;
  private static final int EXCLUSION_BASE = 200;

  private static final int CONSISTENT_READ = 0;
  private static final int WRITE = 1;
  private static final int RESIZE = 3;
  private static final int[] READER_USES = {CONSISTENT_READ};
  private static final int[] WRITER_USES = {CONSISTENT_READ, WRITE, RESIZE};
  private static final int[] EXCLUDED = {WRITE, RESIZE};

  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  /** {@code struct flock}: type, whence, padding, start, length, process. */
  private static final int FLOCK_BYTES = 32;

  private static final int TYPE = 0;
  private static final int START = 8;
  private static final int LENGTH = 16;

  /** Two that start at once see each other; the one that waits less wins in the next round. */
  private static final int ROUNDS = 4;

  private LinuxImageLock() {}

  /** Locks an open file. Where the file system knows no locks, there is none. */
  static void acquire(int fd, Path path, boolean isWriter) throws IOException {
    int[] uses = isWriter ? WRITER_USES : READER_USES;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flock = arena.allocate(FLOCK_BYTES, 8);
      for (int round = 1; ; round++) {
        if (!set(fd, flock, F_RDLCK, PERMISSION_BASE, uses)
            || !set(fd, flock, F_RDLCK, EXCLUSION_BASE, EXCLUDED)) {
          return;
        }
        if (isFree(fd, flock, EXCLUSION_BASE, uses)
            && isFree(fd, flock, PERMISSION_BASE, EXCLUDED)) {
          return;
        }
        boolean ignored =
            set(fd, flock, F_UNLCK, PERMISSION_BASE, uses)
                && set(fd, flock, F_UNLCK, EXCLUSION_BASE, EXCLUDED);
        if (round == ROUNDS) {
          throw new ImageInUseException(path);
        }
        pause(round);
      }
    }
  }

  private static boolean set(int fd, MemorySegment flock, short type, int base, int[] numbers)
      throws IOException {
    for (int number : numbers) {
      fill(flock, type, base + number);
      int result = LinuxCalls.fcntl(fd, F_OFD_SETLK, flock.address());
      if (result == -Errno.EINVAL || result == -Errno.ENOSYS || result == -Errno.EOPNOTSUPP) {
        return false;
      }
      if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EACCES) {
        throw new IOException("cannot lock: error " + -result);
      }
    }
    return true;
  }

  private static boolean isFree(int fd, MemorySegment flock, int base, int[] numbers) {
    for (int number : numbers) {
      fill(flock, F_WRLCK, base + number);
      if (LinuxCalls.fcntl(fd, F_OFD_GETLK, flock.address()) == 0
          && flock.get(JAVA_SHORT, TYPE) != F_UNLCK) {
        return false;
      }
    }
    return true;
  }

  private static void fill(MemorySegment flock, short type, int at) {
    flock.fill((byte) 0);
    flock.set(JAVA_SHORT, TYPE, type);
    flock.set(JAVA_LONG, START, at);
    flock.set(JAVA_LONG, LENGTH, 1);
  }

  private static void pause(int round) throws IOException {
    try {
      Thread.sleep(java.util.concurrent.ThreadLocalRandom.current().nextInt(5, 20 * round + 5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted while waiting for an image's lock");
    }
  }
}
