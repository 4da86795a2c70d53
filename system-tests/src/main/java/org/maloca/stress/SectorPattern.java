package org.maloca.stress;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/**
 * Sectors that tell who wrote them: each is full of one number, made of a tag and the sector's own
 * number, so that torn and misplaced ones are seen. Sectors of zeros have the tag 0.
 */
final class SectorPattern {
  static final int SECTOR_BYTES = BlockBackend.SECTOR_BYTES;

  /** What a parent is filled with. */
  static final long PARENT = 1;

  /** The tag of what nobody wrote so. */
  static final long TORN = -1;

  private static final int SECTOR_BITS = 24;
  private static final int CHUNK_SECTORS = 2048;

  private SectorPattern() {}

  /** Writes sectors with a tag into memory. */
  static void put(long address, long sector, int count, long tag) {
    for (int i = 0; i < count; i++) {
      long value = tag == 0 ? 0 : tag << SECTOR_BITS | sector + i;
      for (int at = 0; at < SECTOR_BYTES; at += Long.BYTES) {
        HostMemory.putLong(address + (long) i * SECTOR_BYTES + at, value);
      }
    }
  }

  /** The tag of a sector in memory. */
  static long tag(long address, long sector) {
    long value = HostMemory.getLong(address);
    for (int at = Long.BYTES; at < SECTOR_BYTES; at += Long.BYTES) {
      if (HostMemory.getLong(address + at) != value) {
        return TORN;
      }
    }
    if (value == 0) {
      return 0;
    }
    return (value & (1L << SECTOR_BITS) - 1) == sector ? value >>> SECTOR_BITS : TORN;
  }

  /** Fills a disk as a parent. */
  static void fill(BlockBackend disk, int diskBytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(CHUNK_SECTORS * SECTOR_BYTES, 4096).address();
      IoVector vector = new IoVector();
      int sectors = diskBytes / SECTOR_BYTES;
      for (int sector = 0; sector < sectors; sector += CHUNK_SECTORS) {
        int count = Math.min(CHUNK_SECTORS, sectors - sector);
        put(address, sector, count, PARENT);
        vector.clear();
        vector.add(address, (long) count * SECTOR_BYTES);
        disk.write((long) sector * SECTOR_BYTES, vector);
      }
      disk.flush();
    }
  }

  /** The tags of all sectors of a disk. */
  static long[] read(BlockBackend disk, int diskBytes) throws IOException {
    long[] tags = new long[diskBytes / SECTOR_BYTES];
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(CHUNK_SECTORS * SECTOR_BYTES, 4096).address();
      IoVector vector = new IoVector();
      for (int sector = 0; sector < tags.length; sector += CHUNK_SECTORS) {
        int count = Math.min(CHUNK_SECTORS, tags.length - sector);
        vector.clear();
        vector.add(address, (long) count * SECTOR_BYTES);
        disk.read((long) sector * SECTOR_BYTES, vector);
        for (int i = 0; i < count; i++) {
          tags[sector + i] = tag(address + (long) i * SECTOR_BYTES, sector + i);
        }
      }
    }
    return tags;
  }
}
