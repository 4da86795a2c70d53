package org.maloca.core.linux;

/** Flags of {@code open(2)}, as the host's architecture has them. */
public final class OpenFlags {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_NOCTTY = 0400;
  public static final int O_NONBLOCK = 04000;
  public static final int O_CLOEXEC = 02000000;
  public static final int O_PATH = 010000000;

  public static final int O_DIRECT;
  public static final int O_DIRECTORY;
  public static final int O_NOFOLLOW;

  static {
    boolean isArm = System.getProperty("os.arch", "").equals("aarch64");
    O_DIRECT = isArm ? 0200000 : 040000;
    O_DIRECTORY = isArm ? 040000 : 0200000;
    O_NOFOLLOW = isArm ? 0100000 : 0400000;
  }

  private OpenFlags() {}
}
