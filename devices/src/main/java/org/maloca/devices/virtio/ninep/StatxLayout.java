package org.maloca.devices.virtio.ninep;

import org.maloca.core.memory.HostMemory;

/** {@code struct statx}, the same on all of Linux's architectures, and {@code struct statfs}. */
final class StatxLayout {
  /** Everything that {@link #read} reads: {@code STATX_BASIC_STATS} and the birth time. */
  static final int STATX_WANTED = 0xfff;

  private static final int STATX_BTIME = 0x800;

  private StatxLayout() {}

  static int mode(long statx) {
    return HostMemory.getShort(statx + 28) & 0xffff;
  }

  static long inode(long statx) {
    return HostMemory.getLong(statx + 32);
  }

  /** Major and minor number of the file system's device, as one. */
  static long device(long statx) {
    return HostMemory.getLong(statx + 136);
  }

  static void read(long statx, FileStatus target) {
    target.mode = mode(statx);
    target.uid = HostMemory.getInt(statx + 20);
    target.gid = HostMemory.getInt(statx + 24);
    target.links = HostMemory.getInt(statx + 16) & 0xffff_ffffL;
    target.deviceNumber =
        encodeDevice(HostMemory.getInt(statx + 128), HostMemory.getInt(statx + 132));
    target.sizeBytes = HostMemory.getLong(statx + 40);
    target.blockBytes = HostMemory.getInt(statx + 4) & 0xffff_ffffL;
    target.blocks = HostMemory.getLong(statx + 48);
    target.accessSeconds = HostMemory.getLong(statx + 64);
    target.accessNanos = HostMemory.getInt(statx + 72);
    target.hasBirth = (HostMemory.getInt(statx) & STATX_BTIME) != 0;
    target.birthSeconds = HostMemory.getLong(statx + 80);
    target.birthNanos = HostMemory.getInt(statx + 88);
    target.changeSeconds = HostMemory.getLong(statx + 96);
    target.changeNanos = HostMemory.getInt(statx + 104);
    target.modifySeconds = HostMemory.getLong(statx + 112);
    target.modifyNanos = HostMemory.getInt(statx + 120);
    target.device = device(statx);
    target.inode = inode(statx);
  }

  /** As Linux's {@code new_encode_dev} packs it into 32 bits. */
  private static long encodeDevice(int major, int minor) {
    return (minor & 0xff | major << 8 | (minor & ~0xff) << 12) & 0xffff_ffffL;
  }

  static void read(long statfs, FolderStatus target) {
    target.type = (int) HostMemory.getLong(statfs);
    target.blockBytes = (int) HostMemory.getLong(statfs + 8);
    target.blocks = HostMemory.getLong(statfs + 16);
    target.freeBlocks = HostMemory.getLong(statfs + 24);
    target.availableBlocks = HostMemory.getLong(statfs + 32);
    target.files = HostMemory.getLong(statfs + 40);
    target.freeFiles = HostMemory.getLong(statfs + 48);
    target.id = HostMemory.getLong(statfs + 56);
    target.nameBytes = (int) HostMemory.getLong(statfs + 64);
  }
}
