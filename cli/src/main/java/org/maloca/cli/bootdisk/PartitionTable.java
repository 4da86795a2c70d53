package org.maloca.cli.bootdisk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The partitions of a disk: those of a GPT (UEFI Specification 2.10, section 5.3), else the four of
 * a master boot record (section 5.2), else the whole disk as one.
 */
final class PartitionTable {
  private static final int SECTOR = 512;
  private static final long GPT_SIGNATURE = 0x5452415020494645L;
  private static final int GPT_PROTECTIVE = 0xee;
  private static final int MBR_ENTRIES = 446;
  private static final int MBR_ENTRY_BYTES = 16;
  private static final int MAX_ENTRIES = 128;
  private static final int MAX_ENTRY_BYTES = 4096;

  /**
   * A partition.
   *
   * @param number as Linux counts, or 0 for a disk without partitions
   */
  record Partition(int number, DiskReader bytes) {
    /** What Linux calls it when the disk is the first one on virtio. */
    String device() {
      return number == 0 ? "/dev/vda" : "/dev/vda" + number;
    }
  }

  private PartitionTable() {}

  /** Reads the table. */
  static List<Partition> read(DiskReader disk) throws IOException {
    if (disk.sizeBytes() < 2 * SECTOR) {
      return List.of();
    }
    ByteBuffer mbr = disk.read(0, SECTOR);
    if (mbr.getShort(510) != (short) 0xaa55) {
      return List.of(new Partition(0, disk));
    }
    List<Partition> partitions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int entry = MBR_ENTRIES + i * MBR_ENTRY_BYTES;
      int type = mbr.get(entry + 4) & 0xff;
      if (type == GPT_PROTECTIVE) {
        return readGpt(disk);
      }
      long start = (mbr.getInt(entry + 8) & 0xffff_ffffL) * SECTOR;
      long size = (mbr.getInt(entry + 12) & 0xffff_ffffL) * SECTOR;
      if (type != 0 && start > 0 && start < disk.sizeBytes()) {
        partitions.add(new Partition(i + 1, disk.part(start, size)));
      }
    }
    // The first sector of a file system may have the signature too.
    return partitions.isEmpty() ? List.of(new Partition(0, disk)) : partitions;
  }

  private static List<Partition> readGpt(DiskReader disk) throws IOException {
    ByteBuffer header = disk.read(SECTOR, SECTOR);
    long table = header.getLong(72);
    int count = header.getInt(80);
    int entryBytes = header.getInt(84);
    if (header.getLong(0) != GPT_SIGNATURE
        || table < 2
        || table >= disk.sizeBytes() / SECTOR
        || entryBytes < 128
        || entryBytes > MAX_ENTRY_BYTES) {
      throw new IOException("its partition table is damaged");
    }
    List<Partition> partitions = new ArrayList<>();
    for (int i = 0; i < Math.clamp(count, 0, MAX_ENTRIES); i++) {
      ByteBuffer entry = disk.read(table * SECTOR + (long) i * entryBytes, 128);
      boolean isUsed = entry.getLong(0) != 0 || entry.getLong(8) != 0;
      long first = entry.getLong(32);
      long last = entry.getLong(40);
      if (isUsed && first > 0 && last >= first && last < disk.sizeBytes() / SECTOR) {
        partitions.add(
            new Partition(i + 1, disk.part(first * SECTOR, (last - first + 1) * SECTOR)));
      }
    }
    return partitions;
  }
}
