package org.maloca.devices.virtio.ninep;

/** Bits of a file's mode and of open flags, as Linux on x86 has them and 9P2000.L sends them. */
final class FileMode {
  static final int S_IFMT = 0170000;
  static final int S_IFSOCK = 0140000;
  static final int S_IFLNK = 0120000;
  static final int S_IFREG = 0100000;
  static final int S_IFBLK = 0060000;
  static final int S_IFDIR = 0040000;
  static final int S_IFCHR = 0020000;
  static final int S_IFIFO = 0010000;
  static final int S_ISUID = 04000;
  static final int S_ISGID = 02000;
  static final int PERMISSIONS = 07777;

  static final int O_WRONLY = 01;
  static final int O_RDWR = 02;
  static final int O_ACCMODE = 03;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_TRUNC = 01000;
  static final int O_APPEND = 02000;
  static final int O_DSYNC = 010000;
  static final int O_DIRECTORY = 0200000;
  static final int O_SYNC = 04010000;

  private FileMode() {}

  /** Whether a file opened with such flags could be changed by it. */
  static boolean changes(int openFlags) {
    return (openFlags & (O_ACCMODE | O_TRUNC | O_CREAT)) != 0;
  }

  /**
   * What remains of the permissions that a guest asks for. A program that a guest left in the
   * folder must not run with its owner's rights on the host, so files lose set-user-id and
   * set-group-id; a directory's set-group-id only passes its group on.
   */
  static int permissions(int mode, boolean isDirectory) {
    return mode & PERMISSIONS & ~(isDirectory ? S_ISUID : S_ISUID | S_ISGID);
  }
}
