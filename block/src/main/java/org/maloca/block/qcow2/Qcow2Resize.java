package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.core.backend.BlockBackend;

/** Makes the disk larger or smaller. */
final class Qcow2Resize {
  private final HeaderFile home;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final ClusterTables tables;
  private final ClusterEraser eraser;
  private final ClusterWriter writer;
  private final Snapshots snapshots;

  Qcow2Resize(
      HeaderFile home,
      Refcounts refcounts,
      ClusterTables tables,
      ClusterEraser eraser,
      ClusterWriter writer,
      Snapshots snapshots) {
    this.home = home;
    this.geometry = home.geometry;
    this.refcounts = refcounts;
    this.tables = tables;
    this.eraser = eraser;
    this.writer = writer;
    this.snapshots = snapshots;
  }

  void run(long bytes, @Nullable BlockBackend backing, @Nullable ImageFile dataFile)
      throws IOException {
    Qcow2Header header = home.header;
    if (bytes < 0 || bytes % BlockBackend.SECTOR_BYTES != 0 || bytes > geometry.maxSizeBytes()) {
      throw new UnsupportedOperationException(
          "%s: cannot be a disk of %d bytes".formatted(home.file.name(), bytes));
    }
    if (header.snapshotCount > 0 && (header.version < 3 || !snapshots.keepSizes())) {
      throw new UnsupportedOperationException(
          home.file.name()
              + ": has snapshots that do not say how large the disk was, so its size must stay");
    }
    tables.commit();
    long old = header.sizeBytes;
    if (bytes < old) {
      shrink(old, bytes);
    } else {
      growL1(bytes);
      zeroGrown(old, bytes, backing == null ? 0 : backing.sizeBytes());
    }
    if (dataFile != null && header.isDataFileRaw()) {
      dataFile.setSize(bytes);
      writer.preallocate(old & -geometry.clusterBytes, bytes, new ArrayList<>());
      tables.commit();
    }
    header.sizeBytes = bytes;
    home.switchTables(() -> header.sizeBytes = old);
  }

  private void shrink(long old, long bytes) throws IOException {
    long at = bytes;
    while (at < old) {
      at += eraser.discard(at, old - at, old);
    }
    tables.commit();
  }

  private void growL1(long bytes) throws IOException {
    Qcow2Header header = home.header;
    int entries = (int) geometry.l1EntriesFor(bytes);
    if (entries <= header.l1Entries) {
      return;
    }
    long[] l1 = java.util.Arrays.copyOf(tables.readL1(header.l1Offset, header.l1Entries), entries);
    long l1Bytes = (long) entries * Long.BYTES;
    long offset = refcounts.reserveAtEnd(geometry.clustersFor(l1Bytes)) << geometry.clusterBits;
    ByteBuffer out =
        ByteBuffer.allocate((int) (geometry.clustersFor(l1Bytes) << geometry.clusterBits));
    out.asLongBuffer().put(l1);
    home.file.write(offset, out);
    refcounts.commit();
    long oldOffset = header.l1Offset;
    int oldEntries = header.l1Entries;
    long oldBytes = (long) oldEntries * Long.BYTES;
    header.l1Offset = offset;
    header.l1Entries = entries;
    home.switchTables(() -> {
      header.l1Offset = oldOffset;
      header.l1Entries = oldEntries;
    });
    home.addMetadata(offset, l1Bytes);
    home.removeMetadata(oldOffset, oldBytes);
    for (long i = 0; i < geometry.clustersFor(oldBytes); i++) {
      boolean ignored = refcounts.decrement((oldOffset >>> geometry.clusterBits) + i);
    }
    tables.reload();
  }

  /** The old last cluster may have bytes past the disk's end, and the backing disk be longer. */
  private void zeroGrown(long old, long bytes, long backingBytes) throws IOException {
    long clusterEnd = (old + geometry.clusterBytes - 1) & -geometry.clusterBytes;
    long end = Math.min(bytes, Math.max(clusterEnd, backingBytes));
    long at = old & -BlockBackend.SECTOR_BYTES;
    while (at < end) {
      at += eraser.zero(at, end - at, true, bytes);
    }
    tables.commit();
  }
}
