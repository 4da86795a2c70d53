package org.maloca.block.vhd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.maloca.block.file.ImageFile;

/** Makes new, empty disks. */
final class VhdCreation {
  private static final int BLOCK_BYTES = 2 << 20;
  private static final int SECTOR = 512;
  private static final int CHUNK_BYTES = 1 << 16;

  private VhdCreation() {}

  static void create(ImageFile file, VhdOptions options) throws IOException {
    long size = options.sizeBytes();
    VhdOptions.Parent parent = options.parent();
    if (size < 0 || size > VhdImage.MAX_DISK_BYTES || size % SECTOR != 0) {
      throw new IOException("a VHD has at most 2040 GiB, in whole sectors, and not " + size);
    }
    if (options.isFixed()) {
      if (parent != null) {
        throw new IOException("a fixed VHD has no parent");
      }
      file.setSize(size + SECTOR);
      Footer.create(Footer.TYPE_FIXED, size).write(file, size);
      file.flush();
      return;
    }
    Footer footer =
        Footer.create(parent == null ? Footer.TYPE_DYNAMIC : Footer.TYPE_DIFFERENCE, size);
    long entries = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
    long tableOffset = Footer.BYTES + DynamicHeader.BYTES;
    long tableEnd = tableOffset + (entries * 4 + SECTOR - 1) / SECTOR * SECTOR;
    DynamicHeader header = DynamicHeader.create(tableOffset, entries, BLOCK_BYTES);
    long end = tableEnd;
    if (parent != null) {
      header.setParent(file, parent, tableEnd);
      end += 2 * DynamicHeader.LOCATOR_BYTES;
    }
    fillFree(file, tableOffset, tableEnd - tableOffset);
    header.write(file, Footer.BYTES);
    footer.write(file, end);
    footer.write(file, 0);
    file.flush();
  }

  /** Makes entries that say that no block is there. */
  static void fillFree(ImageFile file, long position, long length) throws IOException {
    byte[] free = new byte[CHUNK_BYTES];
    Arrays.fill(free, (byte) -1);
    for (long done = 0; done < length; done += CHUNK_BYTES) {
      int part = (int) Math.min(CHUNK_BYTES, length - done);
      file.write(position + done, ByteBuffer.wrap(free, 0, part));
    }
  }
}
