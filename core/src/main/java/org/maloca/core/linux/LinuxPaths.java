package org.maloca.core.linux;

import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.intFunction;
import static org.maloca.core.linux.CLibrary.longFunction;

import org.maloca.core.linux.CLibrary.CFunction;

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

  private static final CFunction OPENAT = intFunction("openat");
  private static final CFunction STATX = intFunction("statx");
  private static final CFunction MKDIRAT = intFunction("mkdirat");
  private static final CFunction SYMLINKAT = intFunction("symlinkat");
  private static final CFunction READLINKAT = longFunction("readlinkat");
  private static final CFunction LINKAT = intFunction("linkat");
  private static final CFunction RENAMEAT = intFunction("renameat");
  private static final CFunction UNLINKAT = intFunction("unlinkat");
  private static final CFunction MKNODAT = intFunction("mknodat");
  private static final CFunction FCHMODAT = intFunction("fchmodat");
  private static final CFunction FCHOWNAT = intFunction("fchownat");
  private static final CFunction UTIMENSAT = intFunction("utimensat");
  private static final CFunction GETXATTR = longFunction("getxattr");
  private static final CFunction LISTXATTR = longFunction("listxattr");
  private static final CFunction SETXATTR = intFunction("setxattr");
  private static final CFunction REMOVEXATTR = intFunction("removexattr");

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
