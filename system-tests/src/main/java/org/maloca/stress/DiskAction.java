package org.maloca.stress;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.core.memory.IoVector;

/**
 * One thing done to a disk. The series of a seed is the same in every process, so that who watches
 * knows what the one who does it is at.
 *
 * @param sector the first
 * @param count of sectors
 */
record DiskAction(Kind kind, int sector, int count) {
  /** Sectors of an action at most. */
  static final int MAX_SECTORS = 512;

  private static final int MAX_SNAPSHOTS = 2;
  private static final int KINDS = 64;

  /** What is done. */
  enum Kind {
    WRITE,
    ZERO,
    DISCARD,
    FLUSH,
    /** Takes an internal snapshot, or deletes the oldest of them. */
    SNAPSHOT
  }

  static DiskAction of(long seed, int index, int diskSectors) {
    Random random = new Random(seed * 1_000_003L + index);
    int most = random.nextInt(6) == 0 ? MAX_SECTORS : 32;
    int count = 1 + random.nextInt(most);
    int sector = random.nextInt(diskSectors - count + 1);
    int kind = random.nextInt(KINDS);
    if (kind == 0) {
      return new DiskAction(Kind.SNAPSHOT, 0, 0);
    }
    if (kind < 7) {
      return new DiskAction(Kind.FLUSH, 0, 0);
    }
    return new DiskAction(
        kind < 12 ? Kind.ZERO : kind < 16 ? Kind.DISCARD : Kind.WRITE, sector, count);
  }

  /**
   * Does it.
   *
   * @param tag of what is written
   * @param address memory for {@link #MAX_SECTORS}
   */
  void run(DiskImage image, long tag, long address, IoVector vector) throws IOException {
    long offset = (long) sector * SectorPattern.SECTOR_BYTES;
    long length = (long) count * SectorPattern.SECTOR_BYTES;
    switch (kind) {
      case WRITE -> {
        SectorPattern.put(address, sector, count, tag);
        vector.clear();
        vector.add(address, length);
        image.write(offset, vector);
      }
      case ZERO -> image.writeZeroes(offset, length, (tag & 1) == 0);
      case DISCARD -> image.discard(offset, length);
      case FLUSH -> image.flush();
      case SNAPSHOT -> {
        if (image instanceof Qcow2Image qcow2) {
          turnSnapshots(qcow2);
        }
      }
    }
  }

  private static void turnSnapshots(Qcow2Image image) throws IOException {
    List<ImageInfo.Snapshot> snapshots = image.snapshots();
    if (snapshots.size() < MAX_SNAPSHOTS) {
      String ignored = image.createSnapshot("now", Clock.systemUTC());
    } else {
      image.deleteSnapshot(snapshots.getFirst().id());
    }
  }
}
