package org.maloca.block.qcow2;

import java.io.IOException;

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
      visitTable(entry.tableOffset(), entry.tableEntries(), visitor);
    }
  }

  private void visitTable(long offset, long entries, Visitor visitor) throws IOException {
    visitor.visit(offset, entries * Long.BYTES);
    EntriesInUse.forEach(
        home.file,
        offset,
        entries,
        entry -> {
          long cluster = entry & ClusterTables.OFFSET_MASK;
          if (cluster != 0) {
            visitor.visit(cluster, home.geometry.clusterBytes);
          }
        });
  }
}
