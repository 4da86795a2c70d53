package org.maloca.block.vdi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.maloca.block.file.ImageFile;

/** Makes new, empty disks. */
final class VdiCreation {
  private static final int BLOCK_BYTES = 1 << 20;
  private static final long MAP_OFFSET = 1024;
  private static final int CHUNK_ENTRIES = 1 << 14;

  private VdiCreation() {}

  static void create(ImageFile file, VdiOptions options) throws IOException {
    long size = options.sizeBytes();
    long blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
    if (size < 0 || size % VdiHeader.SECTOR != 0 || blocks > VdiHeader.MAX_BLOCKS) {
      throw new IOException("a VDI has at most 512 TiB, in whole sectors, and not " + size);
    }
    VdiOptions.Parent parent = options.parent();
    if (parent != null && options.isFixed()) {
      throw new IOException("a fixed VDI has no parent");
    }
    // The room up to the next MiB lets the disk grow.
    long dataOffset = (MAP_OFFSET + blocks * 4 + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    int type =
        parent != null
            ? VdiHeader.TYPE_DIFFERENCE
            : options.isFixed() ? VdiHeader.TYPE_FIXED : VdiHeader.TYPE_DYNAMIC;
    VdiHeader header = VdiHeader.create(type, size, BLOCK_BYTES, MAP_OFFSET, dataOffset);
    if (parent != null) {
      header.setParent(parent.id(), parent.modification());
    }
    header.setAllocated(options.isFixed() ? blocks : 0);
    file.setSize(dataOffset + (options.isFixed() ? blocks * BLOCK_BYTES : 0));
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_ENTRIES * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (long block = 0; block < blocks; ) {
      int length = (int) Math.min(CHUNK_ENTRIES, blocks - block);
      chunk.clear();
      for (int i = 0; i < length; i++) {
        chunk.putInt(options.isFixed() ? (int) (block + i) : -1);
      }
      file.write(MAP_OFFSET + block * 4, chunk.flip());
      block += length;
    }
    header.write(file);
    file.flush();
  }
}
