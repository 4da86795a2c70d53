package org.maloca.block.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * System calls on files, of Linux on 64-bit hosts. Addresses are plain numbers, so that a call
 * makes no object; a failed call answers its error number negated, as the kernel does itself.
 */
final class LinuxCalls {
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EEXIST = 17;
  static final int EINVAL = 22;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int EPERM = 1;
  static final int ENXIO = 6;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_CLOEXEC = 0x80000;

  /** {@code O_DIRECT} differs between architectures. */
  static final int O_DIRECT =
      System.getProperty("os.arch", "").equals("aarch64") ? 0x10000 : 0x4000;

  static final int SEEK_END = 2;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;

  /** The most pieces that one vectored call takes. */
  static final int IOV_MAX = 1024;

  /** Bytes of a {@code struct iovec}. */
  static final int IOVEC_BYTES = 16;

  private static final boolean AVAILABLE =
      System.getProperty("os.name", "").startsWith("Linux")
          && ValueLayout.ADDRESS.byteSize() == Long.BYTES;

  private static final MemoryLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

  private static final MethodHandle PREAD = transfer("pread");
  private static final MethodHandle PWRITE = transfer("pwrite");
  private static final MethodHandle PREADV = vectored("preadv");
  private static final MethodHandle PWRITEV = vectored("pwritev");
  private static final MethodHandle LSEEK =
      handle("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle FALLOCATE =
      handle(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FTRUNCATE =
      handle("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FDATASYNC =
      handle("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle OPEN =
      handle(
          "open",
          FunctionDescriptor.of(JAVA_INT, ValueLayout.ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle FCNTL =
      handle(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ValueLayout.ADDRESS),
          Linker.Option.firstVariadicArg(2));

  private LinuxCalls() {}

  static boolean areAvailable() {
    return AVAILABLE;
  }

  static int open(String path, int flags, int mode) {
    MemorySegment state = STATE.get();
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, mode);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("open", failure);
    }
  }

  static long pread(int fd, long address, long length, long position) {
    MemorySegment state = STATE.get();
    try {
      long result = (long) PREAD.invokeExact(state, fd, address, length, position);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("pread", failure);
    }
  }

  static long pwrite(int fd, long address, long length, long position) {
    MemorySegment state = STATE.get();
    try {
      long result = (long) PWRITE.invokeExact(state, fd, address, length, position);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("pwrite", failure);
    }
  }

  static long preadv(int fd, long iovecs, int count, long position) {
    MemorySegment state = STATE.get();
    try {
      long result = (long) PREADV.invokeExact(state, fd, iovecs, count, position);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("preadv", failure);
    }
  }

  static long pwritev(int fd, long iovecs, int count, long position) {
    MemorySegment state = STATE.get();
    try {
      long result = (long) PWRITEV.invokeExact(state, fd, iovecs, count, position);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("pwritev", failure);
    }
  }

  static long lseek(int fd, long offset, int whence) {
    MemorySegment state = STATE.get();
    try {
      long result = (long) LSEEK.invokeExact(state, fd, offset, whence);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("lseek", failure);
    }
  }

  static int fallocate(int fd, int mode, long offset, long length) {
    MemorySegment state = STATE.get();
    try {
      int result = (int) FALLOCATE.invokeExact(state, fd, mode, offset, length);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("fallocate", failure);
    }
  }

  static int ftruncate(int fd, long length) {
    MemorySegment state = STATE.get();
    try {
      int result = (int) FTRUNCATE.invokeExact(state, fd, length);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("ftruncate", failure);
    }
  }

  static int fdatasync(int fd) {
    MemorySegment state = STATE.get();
    try {
      int result = (int) FDATASYNC.invokeExact(state, fd);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("fdatasync", failure);
    }
  }

  static int close(int fd) {
    MemorySegment state = STATE.get();
    try {
      int result = (int) CLOSE.invokeExact(state, fd);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("close", failure);
    }
  }

  static int fcntl(int fd, int command, MemorySegment argument) {
    MemorySegment state = STATE.get();
    try {
      int result = (int) FCNTL.invokeExact(state, fd, command, argument);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable failure) {
      throw impossible("fcntl", failure);
    }
  }

  private static AssertionError impossible(String call, Throwable failure) {
    return new AssertionError(call, failure);
  }

  private static MethodHandle transfer(String name) {
    return handle(
        name, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  }

  private static MethodHandle vectored(String name) {
    return handle(name, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));
  }

  private static MethodHandle handle(
      String name, FunctionDescriptor type, Linker.Option... options) {
    if (!AVAILABLE) {
      // Never called: HostFile asks first.
      return java.lang.invoke.MethodHandles.empty(type.toMethodType());
    }
    Linker.Option[] all = java.util.Arrays.copyOf(options, options.length + 1);
    all[options.length] = Linker.Option.captureCallState("errno");
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, all);
  }
}
