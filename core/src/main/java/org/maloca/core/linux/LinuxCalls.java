package org.maloca.core.linux;

import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.callBare;
import static org.maloca.core.linux.CLibrary.intFunction;
import static org.maloca.core.linux.CLibrary.longFunction;

import java.lang.foreign.Arena;
import org.maloca.core.linux.CLibrary.CFunction;

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

  /** Of {@code sync_file_range(2)}: begins to write what is dirty, and does not wait for it. */
  public static final int SYNC_FILE_RANGE_WRITE = 2;

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

  private static final CFunction OPEN = intFunction("open");
  private static final CFunction CLOSE = intFunction("close");
  private static final CFunction PREAD = longFunction("pread");
  private static final CFunction PWRITE = longFunction("pwrite");
  private static final CFunction PREADV = longFunction("preadv");
  private static final CFunction PWRITEV = longFunction("pwritev");
  private static final CFunction PREADV2 = longFunction("preadv2");
  private static final CFunction PWRITEV2 = longFunction("pwritev2");
  private static final CFunction READV = longFunction("readv");
  private static final CFunction WRITEV = longFunction("writev");
  private static final CFunction IOCTL = intFunction("ioctl");
  private static final CFunction POLL = intFunction("poll");
  private static final CFunction EVENTFD = intFunction("eventfd");
  private static final CFunction LSEEK = longFunction("lseek");
  private static final CFunction FALLOCATE = intFunction("fallocate");
  private static final CFunction FTRUNCATE = intFunction("ftruncate");
  private static final CFunction FSYNC = intFunction("fsync");
  private static final CFunction FDATASYNC = intFunction("fdatasync");
  private static final CFunction SYNC_FILE_RANGE = intFunction("sync_file_range");
  private static final CFunction FCNTL = intFunction("fcntl");
  private static final CFunction FSTATFS = intFunction("fstatfs");
  private static final CFunction GETDENTS = longFunction("getdents64");

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
    long moved = callBare(PREAD, fd, address, length, position, 0);
    return moved >= 0 ? moved : call(PREAD, fd, address, length, position);
  }

  public static long pwrite(int fd, long address, long length, long position) {
    long moved = callBare(PWRITE, fd, address, length, position, 0);
    return moved >= 0 ? moved : call(PWRITE, fd, address, length, position);
  }

  public static long preadv(int fd, long iovecs, int count, long position) {
    long moved = callBare(PREADV, fd, iovecs, count, position, 0);
    return moved >= 0 ? moved : call(PREADV, fd, iovecs, count, position);
  }

  public static long pwritev(int fd, long iovecs, int count, long position) {
    long moved = callBare(PWRITEV, fd, iovecs, count, position, 0);
    return moved >= 0 ? moved : call(PWRITEV, fd, iovecs, count, position);
  }

  public static long preadv2(int fd, long iovecs, int count, long position, int flags) {
    long moved = callBare(PREADV2, fd, iovecs, count, position, flags);
    return moved >= 0 ? moved : call(PREADV2, fd, iovecs, count, position, flags);
  }

  public static long pwritev2(int fd, long iovecs, int count, long position, int flags) {
    long moved = callBare(PWRITEV2, fd, iovecs, count, position, flags);
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

  /** {@code sync_file_range(2)}: makes nothing durable, whatever the flags. */
  public static int syncFileRange(int fd, long offset, long length, int flags) {
    return (int) call(SYNC_FILE_RANGE, fd, offset, length, flags);
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
