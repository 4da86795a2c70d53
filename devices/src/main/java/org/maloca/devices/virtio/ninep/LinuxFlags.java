package org.maloca.devices.virtio.ninep;

/** Open flags of the host, where they are not those of the protocol (which has x86's). */
final class LinuxFlags {
  static final int O_NOCTTY = 0400;
  static final int O_NONBLOCK = 04000;
  static final int O_CLOEXEC = 02000000;
  static final int O_PATH = 010000000;
  static final int O_DIRECTORY;
  static final int O_NOFOLLOW;

  static {
    boolean isArm = System.getProperty("os.arch", "").equals("aarch64");
    O_DIRECTORY = isArm ? 040000 : 0200000;
    O_NOFOLLOW = isArm ? 0100000 : 0400000;
  }

  /** Of a guest's flags, those that a host's open may have. */
  private static final int PASSED =
      FileMode.O_ACCMODE
          | FileMode.O_TRUNC
          | FileMode.O_APPEND
          | FileMode.O_DSYNC
          | FileMode.O_SYNC;

  private LinuxFlags() {}

  /**
   * The host's flags for a guest's. The guest's page cache is not ours, so what it says of its own
   * (direct, no access time) is left out.
   */
  static int ofGuest(int flags) {
    return flags & PASSED
        | ((flags & FileMode.O_DIRECTORY) != 0 ? O_DIRECTORY : 0)
        | O_CLOEXEC
        | O_NOCTTY;
  }
}
