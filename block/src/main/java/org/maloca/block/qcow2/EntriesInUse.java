package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.maloca.block.file.ImageFile;

/**
 * Goes over the entries of a table of 64-bit numbers that are not zero, as the file has them. Holes
 * are passed: tables may be claimed that are far larger than what the file has of them.
 */
final class EntriesInUse {
  private static final int CHUNK_BYTES = 1 << 16;

  private EntriesInUse() {}

  /** What is done with each entry. */
  interface Visitor {
    void visit(long entry) throws IOException;
  }

  static void forEach(ImageFile file, long offset, long entries, Visitor visitor)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, entries * Long.BYTES));
    long size = file.size();
    long end = offset + entries * Long.BYTES;
    long at = offset;
    while (at < end) {
      long data = file.nextData(at);
      if (data >= end || data >= size) {
        return;
      }
      at += Math.max(0, data - at) / Long.BYTES * Long.BYTES;
      file.read(at, chunk.clear().limit((int) Math.min(chunk.capacity(), end - at)));
      chunk.flip();
      at += chunk.remaining();
      while (chunk.hasRemaining()) {
        long entry = chunk.getLong();
        if (entry != 0) {
          visitor.visit(entry);
        }
      }
    }
  }
}
