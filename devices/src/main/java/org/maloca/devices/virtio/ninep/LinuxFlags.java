package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.OpenFlags;

/** Open flags of the host, where they are not those of the protocol (which has x86's). */
final class LinuxFlags {
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
        | ((flags & FileMode.O_DIRECTORY) != 0 ? OpenFlags.O_DIRECTORY : 0)
        | OpenFlags.O_CLOEXEC
        | OpenFlags.O_NOCTTY;
  }
}
