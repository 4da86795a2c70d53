package org.maloca.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.maloca.core.linux.CLibrary.bareFunction;
import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.callBare;
import static org.maloca.core.linux.CLibrary.function;
import static org.maloca.core.linux.CLibrary.variadic;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/**
 * System calls on open files. Safe for any thread.
 *
 * <p>Transfers are tried without keeping the error's number, which never allocates. One that fails
 * is tried once more for that number: it has a position of its own, so that this does no harm.
 */
public final class LinuxCalls {
  public static final int SEEK_SET = 0;
  public static final int SEEK_END = 2;
  public static final int SEEK_DATA = 3;
  public static final int SEEK_HOLE = 4;

  public static final int FALLOC_FL_KEEP_SIZE = 1;
  public static final int FALLOC_FL_PUNCH_HOLE = 2;

  /** Of {@code preadv2(2)} and {@code pwritev2(2)}: fails with EAGAIN in place of waiting. */
  public static final int RWF_NOWAIT = 8;

  /** Of {@code fcntl(2)}: duplicates a descriptor. */
  public static final int F_DUPFD_CLOEXEC = 1030;

  /** Of {@code poll(2)}: there is something to read. */
  public static final short POLLIN = 1;

  /** Bytes of a {@code struct pollfd}. */
  public static final int POLLFD_BYTES = 8;

  /** The most pieces that one vectored call takes. */
  public static final int IOV_MAX = 1024;

  /** Bytes of a {@code struct iovec}. */
  public static final int IOVEC_BYTES = 16;

  private static final MethodHandle OPEN =
      variadic("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle BARE_PREAD =
      bareFunction("pread", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PREAD =
      function("pread", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle BARE_PWRITE =
      bareFunction("pwrite", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PWRITE =
      function("pwrite", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle BARE_PREADV =
      bareFunction("preadv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PREADV =
      function("preadv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle BARE_PWRITEV =
      bareFunction("pwritev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PWRITEV =
      function("pwritev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle BARE_PREADV2 =
      bareFunction("preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PREADV2 =
      function("preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle BARE_PWRITEV2 =
      bareFunction("pwritev2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PWRITEV2 =
      function("pwritev2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle READV =
      function("readv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle WRITEV =
      function("writev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle IOCTL =
      variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle POLL =
      function("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle EVENTFD = function("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle LSEEK =
      function("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FALLOCATE =
      function("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FSYNC = function("fsync", JAVA_INT, JAVA_INT);
  private static final MethodHandle FDATASYNC = function("fdatasync", JAVA_INT, JAVA_INT);
  private static final MethodHandle FCNTL =
      variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FSTATFS = function("fstatfs", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle GETDENTS =
      function("getdents64", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

  private LinuxCalls() {}

  /**
   * Whether the host is a 64-bit Linux that we know and native access is ours. Where it is not, no
   * call of this package does anything but fail.
   */
  public static boolean areAvailable() {
    return CLibrary.isAvailable();
  }

  public static int open(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) call(OPEN, arena.allocateFrom(path).address(), flags, mode);
    }
  }

  /** Closes a descriptor, which is gone whatever the kernel answers. */
  public static int close(int fd) {
    return (int) call(CLOSE, fd);
  }

  public static long pread(int fd, long address, long length, long position) {
    long moved = callBare(BARE_PREAD, fd, address, length, position);
    return moved >= 0 ? moved : call(PREAD, fd, address, length, position);
  }

  public static long pwrite(int fd, long address, long length, long position) {
    long moved = callBare(BARE_PWRITE, fd, address, length, position);
    return moved >= 0 ? moved : call(PWRITE, fd, address, length, position);
  }

  public static long preadv(int fd, long iovecs, int count, long position) {
    long moved = callBare(BARE_PREADV, fd, iovecs, count, position);
    return moved >= 0 ? moved : call(PREADV, fd, iovecs, count, position);
  }

  public static long pwritev(int fd, long iovecs, int count, long position) {
    long moved = callBare(BARE_PWRITEV, fd, iovecs, count, position);
    return moved >= 0 ? moved : call(PWRITEV, fd, iovecs, count, position);
  }

  public static long preadv2(int fd, long iovecs, int count, long position, int flags) {
    long moved = callBare(BARE_PREADV2, fd, iovecs, count, position, flags);
    return moved >= 0 ? moved : call(PREADV2, fd, iovecs, count, position, flags);
  }

  public static long pwritev2(int fd, long iovecs, int count, long position, int flags) {
    long moved = callBare(BARE_PWRITEV2, fd, iovecs, count, position, flags);
    return moved >= 0 ? moved : call(PWRITEV2, fd, iovecs, count, position, flags);
  }

  public static long readv(int fd, long iovecs, int count) {
    return call(READV, fd, iovecs, count);
  }

  public static long writev(int fd, long iovecs, int count) {
    return call(WRITEV, fd, iovecs, count);
  }

  /** {@code ioctl(2)} with a number or a pointer for its argument. */
  public static int ioctl(int fd, long request, long argument) {
    return (int) call(IOCTL, fd, request, argument);
  }

  /** {@code poll(2)} on an array of {@code struct pollfd}; -1 waits for ever. */
  public static int poll(long pollfds, int count, int timeoutMillis) {
    return (int) call(POLL, pollfds, count, timeoutMillis);
  }

  /** {@code eventfd(2)} that starts at 0. */
  public static int eventfd(int flags) {
    return (int) call(EVENTFD, 0, flags);
  }

  public static long lseek(int fd, long offset, int whence) {
    return call(LSEEK, fd, offset, whence);
  }

  public static int fallocate(int fd, int mode, long offset, long length) {
    return (int) call(FALLOCATE, fd, mode, offset, length);
  }

  public static int ftruncate(int fd, long length) {
    return (int) call(FTRUNCATE, fd, length);
  }

  public static int fsync(int fd) {
    return (int) call(FSYNC, fd);
  }

  public static int fdatasync(int fd) {
    return (int) call(FDATASYNC, fd);
  }

  /** {@code fcntl(2)} with a pointer for its argument. */
  public static int fcntl(int fd, int command, long argument) {
    return (int) call(FCNTL, fd, command, argument);
  }

  public static int fstatfs(int fd, long target) {
    return (int) call(FSTATFS, fd, target);
  }

  /** {@code getdents64(2)}. */
  public static long getdents(int fd, long target, long bytes) {
    return call(GETDENTS, fd, target, bytes);
  }
}
