package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Goes over all that an L1 table leads to, in the file as it is: nothing may be in memory only. */
final class ClusterTree {
  private final HeaderFile home;
  private final Geometry geometry;
  private final ClusterTables tables;
  private final Refcounts refcounts;
  private final ByteBuffer l2;

  ClusterTree(HeaderFile home, ClusterTables tables, Refcounts refcounts) {
    this.home = home;
    this.geometry = home.geometry;
    this.tables = tables;
    this.refcounts = refcounts;
    this.l2 = ByteBuffer.allocate(geometry.clusterBytes);
  }

  /** What is done with each cluster, as often as something refers to it. */
  interface Visitor {
    void visit(long cluster) throws IOException;
  }

  void forEachCluster(long[] l1, Visitor visitor) throws IOException {
    LongSet seen = new LongSet();
    for (long l1Entry : l1) {
      long offset = l1Entry & ClusterTables.OFFSET_MASK;
      if (offset == 0) {
        continue;
      }
      int entries = home.isHole(offset) ? 0 : geometry.l2Entries;
      read(offset);
      if (!seen.add(offset)) {
        throw home.corrupt(offset, "an L2 table is used twice");
      }
      for (int i = 0; i < entries; i++) {
        visit(l2.getLong(i * geometry.l2EntryBytes), visitor);
      }
      visitor.visit(offset >>> geometry.clusterBits);
    }
  }

  private void read(long offset) throws IOException {
    if (geometry.inCluster(offset) != 0) {
      throw home.corrupt(offset, "an L2 table that is not at a cluster's start");
    }
    home.file.read(offset, l2.clear());
    l2.clear();
  }

  private void visit(long entry, Visitor visitor) throws IOException {
    if ((entry & ClusterTables.COMPRESSED) != 0) {
      long from = tables.compressedOffset(entry);
      long last = from + tables.compressedBytes(entry) - 1;
      for (long c = from >>> geometry.clusterBits; c <= last >>> geometry.clusterBits; c++) {
        visitor.visit(c);
      }
    } else if ((entry & ClusterTables.OFFSET_MASK) != 0) {
      visitor.visit((entry & ClusterTables.OFFSET_MASK) >>> geometry.clusterBits);
    }
  }

  /**
   * Makes the flags "copied" of the disk's own tables say what refcounts do, or takes them all
   * away.
   *
   * @return flags that were wrong
   */
  long fixCopied(boolean takesAllAway) throws IOException {
    long wrong = goOverCopied(takesAllAway, true);
    home.file.flush();
    return wrong;
  }

  /** How many of the flags "copied" do not say what refcounts do. */
  long countWrongCopied() throws IOException {
    return goOverCopied(false, false);
  }

  private long goOverCopied(boolean takesAllAway, boolean repairs) throws IOException {
    long wrong = 0;
    LongSet seen = new LongSet();
    long[] l1 = tables.readL1(home.header.l1Offset, home.header.l1Entries);
    boolean isL1Changed = false;
    for (int i = 0; i < l1.length; i++) {
      long offset = l1[i] & ClusterTables.OFFSET_MASK;
      if (offset == 0 || geometry.inCluster(offset) != 0 || !seen.add(offset)) {
        continue;
      }
      wrong += fixTable(offset, takesAllAway, repairs);
      boolean isOwned = !takesAllAway && refcounts.get(offset >>> geometry.clusterBits) == 1;
      if (isOwned != ((l1[i] & ClusterTables.COPIED) != 0)) {
        l1[i] ^= ClusterTables.COPIED;
        isL1Changed = true;
        wrong++;
      }
    }
    if (isL1Changed && repairs) {
      ByteBuffer bytes = ByteBuffer.allocate(l1.length * Long.BYTES);
      bytes.asLongBuffer().put(l1);
      home.file.write(home.header.l1Offset, bytes);
    }
    return wrong;
  }

  private long fixTable(long offset, boolean takesAllAway, boolean repairs) throws IOException {
    if (home.isHole(offset)) {
      return 0;
    }
    read(offset);
    long wrong = 0;
    for (int i = 0; i < geometry.l2Entries; i++) {
      int at = i * geometry.l2EntryBytes;
      long entry = l2.getLong(at);
      long host = entry & ClusterTables.OFFSET_MASK;
      if ((entry & ClusterTables.COMPRESSED) != 0 || host == 0 || home.header.hasDataFile()) {
        continue;
      }
      boolean isOwned = !takesAllAway && refcounts.get(host >>> geometry.clusterBits) == 1;
      if (isOwned != ((entry & ClusterTables.COPIED) != 0)) {
        l2.putLong(at, entry ^ ClusterTables.COPIED);
        wrong++;
      }
    }
    if (wrong != 0 && repairs) {
      home.file.write(offset, l2.clear());
    }
    return wrong;
  }
}
