package org.maloca.devices.virtio.ninep;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Linux's system calls on files, by the C library. Pointers are addresses as long integers, which
 * is how all 64-bit Linux hosts pass them. Failures become {@link ErrnoException}. Not thread-safe.
 */
final class LinuxCalls {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_SYMLINK_FOLLOW = 0x400;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int STATX_WANTED = 0xfff;
  static final int RLIMIT_NOFILE = 7;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPENAT =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("openat").orElseThrow(),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(3));
  private static final MethodHandle CLOSE = ints("close", JAVA_INT);
  private static final MethodHandle STATX =
      ints("statx", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FSTATFS = ints("fstatfs", JAVA_INT, JAVA_LONG);
  private static final MethodHandle PREADV =
      longs("preadv", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PWRITEV =
      longs("pwritev", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle GETDENTS = longs("getdents64", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LSEEK = longs("lseek", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MKDIRAT = ints("mkdirat", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SYMLINKAT = ints("symlinkat", JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle READLINKAT =
      longs("readlinkat", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LINKAT =
      ints("linkat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RENAMEAT =
      ints("renameat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle UNLINKAT = ints("unlinkat", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MKNODAT =
      ints("mknodat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FCHMODAT =
      ints("fchmodat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHOWNAT =
      ints("fchownat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UTIMENSAT =
      ints("utimensat", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FTRUNCATE = ints("ftruncate", JAVA_INT, JAVA_LONG);
  private static final MethodHandle FSYNC = ints("fsync", JAVA_INT);
  private static final MethodHandle FDATASYNC = ints("fdatasync", JAVA_INT);
  private static final MethodHandle GETXATTR =
      longs("getxattr", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LISTXATTR = longs("listxattr", JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SETXATTR =
      ints("setxattr", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle REMOVEXATTR = ints("removexattr", JAVA_LONG, JAVA_LONG);
  private static final MethodHandle GETEUID = ints("geteuid");
  private static final MethodHandle GETRLIMIT = ints("getrlimit", JAVA_INT, JAVA_LONG);

  private final MemorySegment errno;

  LinuxCalls(Arena arena) {
    errno = arena.allocate(Linker.Option.captureStateLayout());
  }

  private static MethodHandle ints(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle longs(String name, MemoryLayout... parameters) {
    return function(name, FunctionDescriptor.of(JAVA_LONG, parameters));
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    MemorySegment address = LINKER.defaultLookup().find(name).orElseThrow();
    return LINKER.downcallHandle(address, descriptor, ERRNO);
  }

  int openAt(int directory, long path, int flags, int mode) throws ErrnoException {
    int result;
    try {
      result = (int) OPENAT.invokeExact(errno, directory, path, flags, mode);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  void statx(int directory, long path, int flags, int mask, long target) throws ErrnoException {
    int result;
    try {
      result = (int) STATX.invokeExact(errno, directory, path, flags, mask, target);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void fstatfs(int fd, long target) throws ErrnoException {
    int result;
    try {
      result = (int) FSTATFS.invokeExact(errno, fd, target);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  long preadv(int fd, long pieces, int count, long offset) throws ErrnoException {
    long result;
    try {
      result = (long) PREADV.invokeExact(errno, fd, pieces, count, offset);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  long pwritev(int fd, long pieces, int count, long offset) throws ErrnoException {
    long result;
    try {
      result = (long) PWRITEV.invokeExact(errno, fd, pieces, count, offset);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  long getdents(int fd, long target, long bytes) throws ErrnoException {
    long result;
    try {
      result = (long) GETDENTS.invokeExact(errno, fd, target, bytes);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  long lseek(int fd, long offset, int whence) throws ErrnoException {
    long result;
    try {
      result = (long) LSEEK.invokeExact(errno, fd, offset, whence);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  void mkdirAt(int directory, long path, int mode) throws ErrnoException {
    int result;
    try {
      result = (int) MKDIRAT.invokeExact(errno, directory, path, mode);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void symlinkAt(long target, int directory, long path) throws ErrnoException {
    int result;
    try {
      result = (int) SYMLINKAT.invokeExact(errno, target, directory, path);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  long readlinkAt(int directory, long path, long target, long bytes) throws ErrnoException {
    long result;
    try {
      result = (long) READLINKAT.invokeExact(errno, directory, path, target, bytes);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  void linkAt(int directory, long path, int newDirectory, long newPath, int flags)
      throws ErrnoException {
    int result;
    try {
      result = (int) LINKAT.invokeExact(errno, directory, path, newDirectory, newPath, flags);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void renameAt(int directory, long path, int newDirectory, long newPath) throws ErrnoException {
    int result;
    try {
      result = (int) RENAMEAT.invokeExact(errno, directory, path, newDirectory, newPath);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void unlinkAt(int directory, long path, int flags) throws ErrnoException {
    int result;
    try {
      result = (int) UNLINKAT.invokeExact(errno, directory, path, flags);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void mknodAt(int directory, long path, int mode, long device) throws ErrnoException {
    int result;
    try {
      result = (int) MKNODAT.invokeExact(errno, directory, path, mode, device);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void fchmodAt(int directory, long path, int mode, int flags) throws ErrnoException {
    int result;
    try {
      result = (int) FCHMODAT.invokeExact(errno, directory, path, mode, flags);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void fchownAt(int directory, long path, int uid, int gid, int flags) throws ErrnoException {
    int result;
    try {
      result = (int) FCHOWNAT.invokeExact(errno, directory, path, uid, gid, flags);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void utimensAt(int directory, long path, long times, int flags) throws ErrnoException {
    int result;
    try {
      result = (int) UTIMENSAT.invokeExact(errno, directory, path, times, flags);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void ftruncate(int fd, long bytes) throws ErrnoException {
    int result;
    try {
      result = (int) FTRUNCATE.invokeExact(errno, fd, bytes);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void fsync(int fd) throws ErrnoException {
    int result;
    try {
      result = (int) FSYNC.invokeExact(errno, fd);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void fdatasync(int fd) throws ErrnoException {
    int result;
    try {
      result = (int) FDATASYNC.invokeExact(errno, fd);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  long getxattr(long path, long name, long target, long bytes) throws ErrnoException {
    long result;
    try {
      result = (long) GETXATTR.invokeExact(errno, path, name, target, bytes);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  long listxattr(long path, long target, long bytes) throws ErrnoException {
    long result;
    try {
      result = (long) LISTXATTR.invokeExact(errno, path, target, bytes);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  void setxattr(long path, long name, long value, long bytes, int flags) throws ErrnoException {
    int result;
    try {
      result = (int) SETXATTR.invokeExact(errno, path, name, value, bytes, flags);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  void removexattr(long path, long name) throws ErrnoException {
    int result;
    try {
      result = (int) REMOVEXATTR.invokeExact(errno, path, name);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  int geteuid() throws ErrnoException {
    int result;
    try {
      result = (int) GETEUID.invokeExact(errno);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
    return result;
  }

  void getrlimit(int resource, long target) throws ErrnoException {
    int result;
    try {
      result = (int) GETRLIMIT.invokeExact(errno, resource, target);
    } catch (Throwable failure) {
      throw broken(failure);
    }
    check(result);
  }

  /** Closes a descriptor, which is gone whatever the kernel answers. */
  void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(errno, fd);
    } catch (Throwable failure) {
      throw broken(failure);
    }
  }

  private void check(long result) throws ErrnoException {
    if (result < 0) {
      throw ErrnoException.of((int) ERRNO_VALUE.get(errno, 0L));
    }
  }

  private static IllegalStateException broken(Throwable failure) {
    return new IllegalStateException("the C library cannot be called", failure);
  }
}
