package org.maloca.devices.disk;

import org.maloca.core.backend.BlockBackend;

/** How far one request of a guest may go: on the disk, and so that it ends in time. */
public final class DiskBounds {
  /** Largest transfer of one request: 1 GiB. */
  public static final long MAX_TRANSFER_BYTES = 1L << 30;

  /** Most sectors of 512 bytes that one request discards or makes zeros: 1 GiB. */
  public static final int MAX_RANGE_SECTORS = 1 << 21;

  /** Most ranges of one request that discards or makes zeros. */
  public static final int MAX_RANGES = 64;

  private DiskBounds() {}

  /** Whether a piece of whole sectors of 512 bytes lies on the disk, for any numbers. */
  public static boolean isOnDisk(BlockBackend disk, long sector, long bytes) {
    long sectors = disk.sizeBytes() / BlockBackend.SECTOR_BYTES;
    return bytes >= 0
        && bytes % BlockBackend.SECTOR_BYTES == 0
        && sector >= 0
        && sector <= sectors
        && bytes / BlockBackend.SECTOR_BYTES <= sectors - sector;
  }
}
