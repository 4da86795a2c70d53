package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.table.MixedUuid;

/**
 * Where the block allocation table and the metadata lie: the region table ([MS-VHDX] 2.2.3), of
 * which there are two equal copies.
 */
record VhdxRegions(long batOffset, long batLength, long metadataOffset, long metadataLength) {
  private static final int SIGNATURE = 0x6967_6572; // "regi"
  private static final int BYTES = 64 << 10;
  private static final long[] OFFSETS = {192 << 10, 256 << 10};

  /** What lies before them, the file's identifier and the headers, is never changed by the log. */
  static final long FIRST_OFFSET = OFFSETS[0];

  private static final int ENTRY_BYTES = 32;
  private static final int MAX_ENTRIES = 2047;

  static VhdxRegions read(ImageFile file) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int copy = 0;
    while (true) {
      file.read(OFFSETS[copy], table.clear());
      table.clear();
      if (table.getInt(0) == SIGNATURE && VhdxHeaders.checksum(table, BYTES) == table.getInt(4)) {
        return parse(file, table, OFFSETS[copy]);
      }
      if (++copy == OFFSETS.length) {
        throw new CorruptImageException(file.name(), OFFSETS[0], "neither region table is whole");
      }
    }
  }

  private static VhdxRegions parse(ImageFile file, ByteBuffer table, long offset)
      throws IOException {
    int count = table.getInt(8);
    if (count < 0 || count > MAX_ENTRIES) {
      throw new CorruptImageException(file.name(), offset + 8, count + " regions");
    }
    long[] bat = new long[2];
    long[] metadata = new long[2];
    for (int i = 0; i < count; i++) {
      int at = 16 + i * ENTRY_BYTES;
      UUID id = MixedUuid.get(table, at);
      long start = table.getLong(at + 16);
      long length = table.getInt(at + 24) & 0xffff_ffffL;
      boolean isKnown = id.equals(Guid.BAT) || id.equals(Guid.METADATA);
      if (!isKnown && (table.getInt(at + 28) & 1) != 0) {
        throw new CorruptImageException(
            file.name(), offset + at, "region " + id + " is required and not known");
      }
      if (isKnown) {
        long[] region = id.equals(Guid.BAT) ? bat : metadata;
        if (region[1] != 0) {
          throw new CorruptImageException(file.name(), offset + at, "the region is there twice");
        }
        if (start < VhdxImage.MIB
            || start % VhdxImage.MIB != 0
            || length == 0
            || length % VhdxImage.MIB != 0
            || start > file.size() - length) {
          throw new CorruptImageException(
              file.name(),
              offset + at + 16,
              "a region of %d bytes at %d is not inside the file or not of whole MiB"
                  .formatted(length, start));
        }
        region[0] = start;
        region[1] = length;
      }
    }
    if (bat[1] == 0 || metadata[1] == 0) {
      throw new CorruptImageException(file.name(), offset, "a region is missing");
    }
    VhdxRegions regions = new VhdxRegions(bat[0], bat[1], metadata[0], metadata[1]);
    if (bat[0] < metadata[0] + metadata[1] && metadata[0] < bat[0] + bat[1]) {
      throw new CorruptImageException(file.name(), offset, "the regions overlap");
    }
    return regions;
  }

  void write(ImageFile file) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(0, SIGNATURE).putInt(8, 2);
    put(table, 16, Guid.BAT, batOffset, batLength);
    put(table, 16 + ENTRY_BYTES, Guid.METADATA, metadataOffset, metadataLength);
    table.putInt(4, VhdxHeaders.checksum(table, BYTES));
    for (long offset : OFFSETS) {
      file.write(offset, table.clear());
    }
  }

  private static void put(ByteBuffer table, int at, UUID id, long offset, long length) {
    MixedUuid.put(table, at, id);
    table.putLong(at + 16, offset).putInt(at + 24, (int) length).putInt(at + 28, 1);
  }
}
