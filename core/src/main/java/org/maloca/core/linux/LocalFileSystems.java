package org.maloca.core.linux;

import java.util.Set;

/** Which file systems have their disk, or memory, in this host, and so answer soon. */
public final class LocalFileSystems {
  /** Ext2 to 4, XFS, Btrfs, F2FS, tmpfs, ramfs, overlayfs, ZFS and bcachefs ({@code statfs(2)}). */
  private static final Set<Integer> TYPES =
      Set.of(
          0xef53,
          0x5846_5342,
          0x9123_683e,
          0xf2f5_2010,
          0x0102_1994,
          0x8584_58f6,
          0x794c_7630,
          0x2fc1_2fc1,
          0xca45_1a4e);

  private LocalFileSystems() {}

  /** Whether a file system of this type ({@code f_type}) is one. */
  public static boolean include(int type) {
    return TYPES.contains(type);
  }
}
