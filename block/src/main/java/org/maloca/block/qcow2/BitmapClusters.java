package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The clusters of dirty bitmaps (specification, "Bitmaps"), which a check counts. */
final class BitmapClusters {
  private final HeaderFile home;

  BitmapClusters(HeaderFile home) {
    this.home = home;
  }

  /** What is told of each piece. */
  interface Visitor {
    void visit(long offset, long bytes);
  }

  void forEach(Visitor visitor) throws IOException {
    BitmapDirectory directory = BitmapDirectory.read(home);
    if (directory.bytes != 0) {
      visitor.visit(directory.offset, directory.bytes);
    }
    for (BitmapDirectory.Entry entry : directory.entries) {
      visitTable(entry.tableOffset(), (int) entry.tableEntries() * Long.BYTES, visitor);
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
