package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.maloca.block.file.ImageFile;

/** Makes new, empty disks. */
public final class VhdxCreation {
  private static final int MIB = VhdxImage.MIB;
  private static final long LOG_OFFSET = MIB;
  private static final int SECTOR = 512;
  private static final String CREATOR = "Maloca";

  private VhdxCreation() {}

  /** Writes a new disk into an empty file and flushes it. */
  public static void create(ImageFile file, VhdxOptions options) throws IOException {
    long size = options.sizeBytes();
    if (size < 0 || size > VhdxMetadata.MAX_DISK_BYTES || size % SECTOR != 0) {
      throw new IOException("a VHDX has at most 64 TiB, in whole sectors, and not " + size);
    }
    int blockBytes = options.blockBytes() != 0 ? options.blockBytes() : fittingBlock(size);
    if (blockBytes < MIB || blockBytes > 256 * MIB || Integer.bitCount(blockBytes) != 1) {
      throw new IOException("a block has a power of two from 1 to 256 MiB, and not " + blockBytes);
    }
    int logBytes = options.logBytes();
    if (logBytes < MIB || logBytes > VhdxLog.MAX_BYTES || logBytes % MIB != 0) {
      throw new IOException("a log has 1 to 64 MiB, whole ones, and not " + logBytes);
    }
    long metadataOffset = LOG_OFFSET + logBytes;
    long batOffset = metadataOffset + MIB;
    VhdxOptions.Parent parent = options.parent();
    if (parent != null && options.isFixed()) {
      throw new IOException("a fixed VHDX has no parent");
    }
    VhdxMetadata metadata =
        new VhdxMetadata(
            blockBytes,
            options.isFixed(),
            parent != null,
            size,
            UUID.randomUUID(),
            SECTOR,
            4096,
            0,
            parent == null ? Map.of() : locator(parent));
    long chunkBlocks = (1L << 23) * SECTOR / blockBytes;
    long entries = Bat.count(size, blockBytes, chunkBlocks, parent != null);
    long batBytes = Math.max(1, (entries * 8 + MIB - 1) / MIB) * MIB;
    file.setSize(batOffset + batBytes);
    metadata.write(file, metadataOffset);
    new VhdxRegions(batOffset, batBytes, metadataOffset, MIB).write(file);
    if (options.isFixed()) {
      writeFixedTable(
          file,
          batOffset,
          batOffset + batBytes,
          (size + blockBytes - 1) / blockBytes,
          blockBytes,
          chunkBlocks);
    }
    ByteBuffer identifier = ByteBuffer.allocate(520).order(ByteOrder.LITTLE_ENDIAN);
    identifier.putLong(0, VhdxImage.SIGNATURE);
    identifier.put(8, CREATOR.getBytes(StandardCharsets.UTF_16LE));
    file.write(0, identifier);
    VhdxHeaders.create(file, LOG_OFFSET, logBytes);
    file.flush();
  }

  private static int fittingBlock(long size) {
    if (size <= 32L << 30) {
      return 8 * MIB;
    }
    return size <= 100L << 30 ? 16 * MIB : size <= 1L << 40 ? 32 * MIB : 64 * MIB;
  }

  private static Map<String, String> locator(VhdxOptions.Parent parent) {
    Map<String, String> locator = new LinkedHashMap<>();
    locator.put("parent_linkage", VhdxMetadata.linkage(parent.contentId()));
    locator.put("relative_path", parent.relativePath());
    locator.put("absolute_win32_path", parent.absolutePath());
    return locator;
  }

  private static void writeFixedTable(
      ImageFile file, long table, long data, long blocks, long blockBytes, long chunkBlocks)
      throws IOException {
    ByteBuffer page = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    long position = table;
    for (long block = 0; block < blocks; block++) {
      if (block > 0 && block % chunkBlocks == 0) {
        page.putLong(Bat.NOT_PRESENT);
        position = writeIfFull(file, page, position);
      }
      page.putLong(data + block * blockBytes | Bat.FULLY_PRESENT);
      position = writeIfFull(file, page, position);
    }
    file.write(position, page.flip());
    file.setSize(data + blocks * blockBytes);
  }

  private static long writeIfFull(ImageFile file, ByteBuffer page, long position)
      throws IOException {
    if (page.hasRemaining()) {
      return position;
    }
    file.write(position, page.flip());
    long next = position + page.limit();
    page.clear();
    return next;
  }
}
