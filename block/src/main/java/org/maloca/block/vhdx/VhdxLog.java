package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.maloca.block.file.ImageFile;
import org.maloca.block.table.MixedUuid;
import org.maloca.block.table.PageCache;

/**
 * Writes the log ([MS-VHDX] 2.3). An entry holds pages of 4 KiB with the place where each belongs;
 * after it is durable, the pages are written there. {@link #write} makes the pages of the entry
 * before durable first, so that each entry is a sequence of its own whose tail is itself. Not
 * thread-safe.
 */
final class VhdxLog {
  static final long MAX_BYTES = 64L << 20;
  static final int SECTOR = 4096;
  static final int SIGNATURE = 0x6567_6f6c; // "loge"
  static final int DATA_DESCRIPTOR = 0x6373_6564; // "desc"
  static final int ZERO_DESCRIPTOR = 0x6f72_657a; // "zero"
  static final int DATA_SECTOR = 0x6174_6164; // "data"
  static final int HEADER_BYTES = 64;
  static final int DESCRIPTOR_BYTES = 32;
  static final int LEADING_BYTES = 8;
  static final int TRAILING_BYTES = 4;

  /** Pages in an entry at most; two of the largest entries fit into the smallest log. */
  static final int MAX_PAGES = 96;

  private final ImageFile file;
  private final VhdxHeaders headers;
  private final ByteBuffer entry =
      ByteBuffer.allocateDirect((MAX_PAGES + 1) * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
  private UUID guid = Guid.NONE;
  private long sequence;
  private long next;
  private int pages;

  VhdxLog(ImageFile file, VhdxHeaders headers) {
    this.file = file;
    this.headers = headers;
  }

  /**
   * Writes the dirty pages to the log and then to where they belong; the caller flushes. Data that
   * they refer to are made durable first.
   *
   * @param end the file's size, to which a replay extends it
   */
  void write(PageCache cache, long end) throws IOException {
    while (cache.isDirty()) {
      file.flush();
      boolean isFirst = guid.equals(Guid.NONE);
      if (isFirst) {
        guid = UUID.randomUUID();
      }
      writeEntry(cache, end);
      file.flush();
      if (isFirst) {
        headers.setLogGuid(guid);
      }
      cache.writeDirty(MAX_PAGES);
    }
  }

  private void writeEntry(PageCache cache, long end) throws IOException {
    sequence++;
    pages = 0;
    entry.clear();
    for (int i = 0; i < SECTOR; i += 8) {
      entry.putLong(i, 0);
    }
    cache.forEachDirty(MAX_PAGES, this::addPage);
    int length = (1 + pages) * SECTOR;
    if (next + length > headers.logLength()) {
      next = 0;
    }
    entry.putInt(0, SIGNATURE).putInt(8, length).putInt(12, (int) next);
    entry.putLong(16, sequence).putInt(24, pages);
    MixedUuid.put(entry, 32, guid);
    entry.putLong(48, end).putLong(56, end);
    entry.putInt(4, VhdxHeaders.checksum(entry, length));
    file.write(headers.logOffset() + next, entry.clear().limit(length));
    next += length;
  }

  private void addPage(long position, ByteBuffer page) {
    int descriptor = HEADER_BYTES + pages * DESCRIPTOR_BYTES;
    int data = (1 + pages) * SECTOR;
    entry.putInt(descriptor, DATA_DESCRIPTOR);
    entry.putInt(descriptor + 4, page.getInt(SECTOR - TRAILING_BYTES));
    entry.putLong(descriptor + 8, page.getLong(0));
    entry.putLong(descriptor + 16, position);
    entry.putLong(descriptor + 24, sequence);
    entry.put(data, page, 0, SECTOR);
    entry.putInt(data, DATA_SECTOR);
    entry.putInt(data + 4, (int) (sequence >>> 32));
    entry.putInt(data + SECTOR - TRAILING_BYTES, (int) sequence);
    pages++;
  }

  /** After everything is durable in its place: says that there is nothing to replay. */
  void close() throws IOException {
    if (!guid.equals(Guid.NONE)) {
      headers.setLogGuid(Guid.NONE);
      guid = Guid.NONE;
      next = 0;
      sequence = 0;
    }
  }
}
