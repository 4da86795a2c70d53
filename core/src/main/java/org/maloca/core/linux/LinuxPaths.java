package org.maloca.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.function;
import static org.maloca.core.linux.CLibrary.variadic;

import java.lang.invoke.MethodHandle;

/**
 * System calls on names, each relative to a directory's descriptor, and on extended attributes.
 * Paths are addresses of C strings. Safe for any thread.
 */
public final class LinuxPaths {
  public static final int AT_FDCWD = -100;
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;
  public static final int AT_REMOVEDIR = 0x200;
  public static final int AT_SYMLINK_FOLLOW = 0x400;
  public static final int AT_EMPTY_PATH = 0x1000;
  public static final int AT_STATX_DONT_SYNC = 0x4000;

  private static final MethodHandle OPENAT =
      variadic("openat", 3, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle STATX =
      function("statx", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MKDIRAT =
      function("mkdirat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SYMLINKAT =
      function("symlinkat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle READLINKAT =
      function("readlinkat", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LINKAT =
      function("linkat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RENAMEAT =
      function("renameat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle UNLINKAT =
      function("unlinkat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle MKNODAT =
      function("mknodat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FCHMODAT =
      function("fchmodat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHOWNAT =
      function("fchownat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UTIMENSAT =
      function("utimensat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle GETXATTR =
      function("getxattr", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LISTXATTR =
      function("listxattr", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SETXATTR =
      function("setxattr", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle REMOVEXATTR =
      function("removexattr", JAVA_INT, JAVA_LONG, JAVA_LONG);

  private LinuxPaths() {}

  public static int openAt(int directory, long path, int flags, int mode) {
    return (int) call(OPENAT, directory, path, flags, mode);
  }

  public static int statx(int directory, long path, int flags, int mask, long target) {
    return (int) call(STATX, directory, path, flags, mask, target);
  }

  public static int mkdirAt(int directory, long path, int mode) {
    return (int) call(MKDIRAT, directory, path, mode);
  }

  public static int symlinkAt(long target, int directory, long path) {
    return (int) call(SYMLINKAT, target, directory, path);
  }

  public static long readlinkAt(int directory, long path, long target, long bytes) {
    return call(READLINKAT, directory, path, target, bytes);
  }

  public static int linkAt(int directory, long path, int newDirectory, long newPath, int flags) {
    return (int) call(LINKAT, directory, path, newDirectory, newPath, flags);
  }

  public static int renameAt(int directory, long path, int newDirectory, long newPath) {
    return (int) call(RENAMEAT, directory, path, newDirectory, newPath);
  }

  public static int unlinkAt(int directory, long path, int flags) {
    return (int) call(UNLINKAT, directory, path, flags);
  }

  public static int mknodAt(int directory, long path, int mode, long device) {
    return (int) call(MKNODAT, directory, path, mode, device);
  }

  public static int fchmodAt(int directory, long path, int mode, int flags) {
    return (int) call(FCHMODAT, directory, path, mode, flags);
  }

  public static int fchownAt(int directory, long path, int uid, int gid, int flags) {
    return (int) call(FCHOWNAT, directory, path, uid, gid, flags);
  }

  public static int utimensAt(int directory, long path, long times, int flags) {
    return (int) call(UTIMENSAT, directory, path, times, flags);
  }

  public static long getxattr(long path, long name, long target, long bytes) {
    return call(GETXATTR, path, name, target, bytes);
  }

  public static long listxattr(long path, long target, long bytes) {
    return call(LISTXATTR, path, target, bytes);
  }

  public static int setxattr(long path, long name, long value, long bytes, int flags) {
    return (int) call(SETXATTR, path, name, value, bytes, flags);
  }

  public static int removexattr(long path, long name) {
    return (int) call(REMOVEXATTR, path, name);
  }
}
