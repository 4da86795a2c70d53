package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The clusters of dirty bitmaps (specification, "Bitmaps"): counted in a check, else left alone.
 */
final class BitmapClusters {
  private static final int EXTENSION_BITMAPS = 0x23852875;
  private static final int EXTENSION_BYTES = 24;
  private static final int ENTRY_BYTES = 24;
  private static final int MAX_BITMAPS = 65535;
  private static final int MAX_DIRECTORY_BYTES = 16 << 20;
  private static final long MAX_TABLES_BYTES = 128L << 20;

  private final HeaderFile home;

  BitmapClusters(HeaderFile home) {
    this.home = home;
  }

  /** What is told of each piece. */
  interface Visitor {
    void visit(long offset, long bytes);
  }

  void forEach(Visitor visitor) throws IOException {
    for (Qcow2Header.Extension extension : home.header.extensions) {
      if (extension.type() == EXTENSION_BITMAPS && extension.data().length >= EXTENSION_BYTES) {
        ByteBuffer fields = ByteBuffer.wrap(extension.data());
        visitDirectory(fields.getInt(0), fields.getLong(8), fields.getLong(16), visitor);
      }
    }
  }

  private void visitDirectory(int count, long bytes, long offset, Visitor visitor)
      throws IOException {
    if (count <= 0
        || count > MAX_BITMAPS
        || bytes < 0
        || bytes > MAX_DIRECTORY_BYTES
        || offset < 0
        || offset > home.file.size() - bytes) {
      throw home.corrupt(offset, "a bitmap directory of %d bytes".formatted(bytes));
    }
    visitor.visit(offset, bytes);
    ByteBuffer directory = ByteBuffer.allocate((int) bytes);
    home.file.read(offset, directory);
    int at = 0;
    long left = MAX_TABLES_BYTES;
    for (int i = 0; i < count && at + ENTRY_BYTES <= bytes; i++) {
      long tableOffset = directory.getLong(at);
      long tableBytes = Integer.toUnsignedLong(directory.getInt(at + 8)) * Long.BYTES;
      left -= tableBytes;
      if (left < 0 || tableOffset < 0 || tableOffset > home.file.size() - tableBytes) {
        throw home.corrupt(offset + at, "a bitmap table of %d bytes".formatted(tableBytes));
      }
      visitTable(tableOffset, (int) tableBytes, visitor);
      int names = directory.getShort(at + 18) & 0xffff;
      long extra = Integer.toUnsignedLong(directory.getInt(at + 20));
      long next = at + ((ENTRY_BYTES + names + extra + 7) & ~7L);
      if (next > bytes) {
        return;
      }
      at = (int) next;
    }
  }

  private void visitTable(long offset, int bytes, Visitor visitor) throws IOException {
    visitor.visit(offset, bytes);
    ByteBuffer table = ByteBuffer.allocate(bytes);
    home.file.read(offset, table);
    for (int at = 0; at < bytes; at += Long.BYTES) {
      long cluster = table.getLong(at) & ClusterTables.OFFSET_MASK;
      if (cluster != 0) {
        visitor.visit(cluster, home.geometry.clusterBytes);
      }
    }
  }
}
