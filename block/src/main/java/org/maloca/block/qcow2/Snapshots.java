package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.maloca.block.qcow2.SnapshotTable.Entry;

/**
 * Takes, applies and deletes internal snapshots. While one of these runs, the image is marked dirty
 * where its version knows that, so that whoever opens it after a crash counts anew; flags and
 * counts change in an order in which no crash makes a shared cluster look like an own one. Who asks
 * for one has committed all tables.
 */
final class Snapshots {
  private final HeaderFile home;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final ClusterTables tables;
  private final ClusterTree tree;
  private List<Entry> entries;

  Snapshots(HeaderFile home, Refcounts refcounts, ClusterTables tables) throws IOException {
    this.home = home;
    this.geometry = home.geometry;
    this.refcounts = refcounts;
    this.tables = tables;
    this.tree = new ClusterTree(home, tables, refcounts);
    this.entries = SnapshotTable.read(home);
    addMetadata();
  }

  void addMetadata() {
    long l1Bytes = 0;
    for (Entry entry : entries) {
      l1Bytes += (long) entry.l1Entries() * Long.BYTES;
      // Refcounts guard the rest; a hostile image shall not make this long.
      if (l1Bytes <= Qcow2Header.MAX_L1_BYTES) {
        home.addMetadata(entry.l1Offset(), (long) entry.l1Entries() * Long.BYTES);
      }
    }
    if (!entries.isEmpty()) {
      home.addMetadata(home.header.snapshotsOffset, SnapshotTable.bytes(entries));
    }
  }

  List<Entry> entries() {
    return entries;
  }

  /** Whether each of them says how large the disk was, so that the disk may change its size. */
  boolean keepSizes() {
    return entries.stream().allMatch(Entry::hasDiskBytes);
  }

  Entry find(String idOrName) {
    for (Entry entry : entries) {
      if (entry.id().equals(idOrName)) {
        return entry;
      }
    }
    for (Entry entry : entries) {
      if (entry.name().equals(idOrName)) {
        return entry;
      }
    }
    throw new NoSuchElementException(home.file.name() + ": has no snapshot " + idOrName);
  }

  String create(String name, Clock clock) throws IOException {
    checkPossible();
    if (entries.size() >= Qcow2Header.MAX_SNAPSHOTS) {
      throw new IOException(home.file.name() + ": has as many snapshots as there can be");
    }
    long[] l1 = tables.readL1(home.header.l1Offset, home.header.l1Entries);
    checkWidth(l1);
    setDirty(true);
    tree.fixCopied(true);
    tree.forEachCluster(l1, refcounts::increment);
    long l1Offset = writeL1(l1);
    long highest = 0;
    for (Entry entry : entries) {
      if (entry.id().matches("[0-9]{1,17}")) {
        highest = Math.max(highest, Long.parseLong(entry.id()));
      }
    }
    String id = Long.toString(highest + 1);
    Instant now = clock.instant();
    List<Entry> more = new ArrayList<>(entries);
    more.add(
        SnapshotTable.entry(
            l1Offset,
            l1.length,
            id,
            name,
            now.getEpochSecond() * 1_000_000_000 + now.getNano(),
            home.header.sizeBytes));
    replaceTable(more);
    finish();
    return id;
  }

  void apply(Entry entry) throws IOException {
    checkPossible();
    long[] own = tables.readL1(home.header.l1Offset, home.header.l1Entries);
    long diskBytes = entry.diskBytes(home.header.sizeBytes);
    long[] theirs = tables.readL1(entry.l1Offset(), entry.l1Entries());
    if (diskBytes < 0 || geometry.l1EntriesFor(diskBytes) > theirs.length) {
      throw home.corrupt(entry.l1Offset(), "a snapshot's L1 table is smaller than its disk");
    }
    checkWidth(theirs);
    setDirty(true);
    tree.forEachCluster(theirs, refcounts::increment);
    for (int i = 0; i < theirs.length; i++) {
      theirs[i] &= ~ClusterTables.COPIED;
    }
    long l1Offset = writeL1(theirs);
    refcounts.commit();
    // Flags of what they share with the disk are wrong until the end: not set, at worst.
    tree.fixCopied(true);
    long oldOffset = home.header.l1Offset;
    int oldEntries = home.header.l1Entries;
    long oldDiskBytes = home.header.sizeBytes;
    home.header.l1Offset = l1Offset;
    home.header.l1Entries = theirs.length;
    home.header.sizeBytes = diskBytes;
    home.switchTables(() -> {
      home.header.l1Offset = oldOffset;
      home.header.l1Entries = oldEntries;
      home.header.sizeBytes = oldDiskBytes;
    });
    home.removeMetadata(oldOffset, (long) oldEntries * Long.BYTES);
    tree.forEachCluster(own, refcounts::decrement);
    free(oldOffset, (long) oldEntries * Long.BYTES);
    finish();
  }

  void delete(Entry entry) throws IOException {
    checkPossible();
    long[] theirs = tables.readL1(entry.l1Offset(), entry.l1Entries());
    setDirty(true);
    List<Entry> fewer = new ArrayList<>(entries);
    fewer.remove(entry);
    replaceTable(fewer);
    home.removeMetadata(entry.l1Offset(), (long) theirs.length * Long.BYTES);
    tree.forEachCluster(theirs, refcounts::decrement);
    free(entry.l1Offset(), (long) theirs.length * Long.BYTES);
    finish();
  }

  private void checkPossible() throws IOException {
    if (home.header.hasDataFile()) {
      throw new UnsupportedOperationException(
          home.file.name() + ": has a data file, and then there are no internal snapshots");
    }
  }

  /** Before anything changes: can every cluster be counted once more? */
  private void checkWidth(long[] l1) throws IOException {
    tree.forEachCluster(
        l1,
        cluster -> {
          if (refcounts.get(cluster) >= geometry.maxRefcount) {
            throw new UnsupportedImageException(
                home.file.name(), "has refcounts too narrow for a snapshot more");
          }
        });
  }

  private long writeL1(long[] l1) throws IOException {
    if (l1.length == 0) {
      return 0;
    }
    long bytes = (long) l1.length * Long.BYTES;
    long offset = refcounts.reserveAtEnd(geometry.clustersFor(bytes)) << geometry.clusterBits;
    ByteBuffer out = ByteBuffer.allocate((int) bytes);
    out.asLongBuffer().put(l1);
    home.file.write(offset, out);
    home.addMetadata(offset, bytes);
    return offset;
  }

  private void replaceTable(List<Entry> replacement) throws IOException {
    long oldOffset = home.header.snapshotsOffset;
    int oldBytes = SnapshotTable.bytes(entries);
    ByteBuffer table = SnapshotTable.encode(replacement);
    long offset = 0;
    if (table.hasRemaining()) {
      offset =
          refcounts.reserveAtEnd(geometry.clustersFor(table.remaining())) << geometry.clusterBits;
      home.addMetadata(offset, table.remaining());
      home.file.write(offset, table);
    }
    refcounts.commit();
    home.header.snapshotsOffset = offset;
    home.header.snapshotCount = replacement.size();
    home.switchTables(() -> {
      home.header.snapshotsOffset = oldOffset;
      home.header.snapshotCount = entries.size();
    });
    if (!entries.isEmpty()) {
      home.removeMetadata(oldOffset, oldBytes);
      free(oldOffset, oldBytes);
    }
    entries = List.copyOf(replacement);
  }

  private void free(long offset, long bytes) throws IOException {
    long first = offset >>> geometry.clusterBits;
    for (long i = 0; i < geometry.clustersFor(bytes); i++) {
      boolean ignored = refcounts.decrement(first + i);
    }
  }

  private void finish() throws IOException {
    refcounts.commit();
    tree.fixCopied(false);
    setDirty(false);
    tables.reload();
  }

  void setDirty(boolean isDirty) throws IOException {
    if (home.header.version >= 3) {
      home.setIncompatible(Qcow2Header.INCOMPATIBLE_DIRTY, isDirty);
    }
  }
}
