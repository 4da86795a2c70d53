package org.maloca.block.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.qcow2.ClusterReader.Scratch;
import org.maloca.block.qcow2.TableCache.Table;
import org.maloca.core.memory.IoVector;

/**
 * Writes the disk through the tables: in place where a cluster is the disk's alone, else into new
 * clusters, with what was around the written bytes copied.
 */
final class ClusterWriter {
  private final HeaderFile home;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final ClusterTables tables;
  private final ClusterReader reader;
  private final CompressedClusters compressed;
  private final ImageFile data;
  private final boolean hasDataFile;
  private final Scratch scratch;
  private final IoVector padVector = new IoVector();
  private final IoVector whole = new IoVector();
  private final Arena arena = Arena.ofAuto();
  private MemorySegment pad = MemorySegment.NULL;

  /** Where the next compressed cluster goes, in a cluster that has room; 0 when none has. */
  private long compressedAt;

  /** When that was known: the cluster may since have been freed and be something else. */
  private long compressedGeneration;

  ClusterWriter(
      HeaderFile home,
      Refcounts refcounts,
      ClusterTables tables,
      ClusterReader reader,
      CompressedClusters compressed,
      ImageFile data) {
    this.home = home;
    this.geometry = home.geometry;
    this.refcounts = refcounts;
    this.tables = tables;
    this.reader = reader;
    this.compressed = compressed;
    this.data = data;
    this.hasDataFile = home.header.hasDataFile();
    this.scratch = new Scratch(home);
  }

  /**
   * Writes as much as can be written in place without a change in memory; several threads may do so
   * at once.
   *
   * @return bytes written; 0 when {@link #write} has to
   */
  long tryWrite(Scratch own, long guestOffset, IoVector source, long done) throws IOException {
    Run run = own.run;
    if (!isInPlace(run, guestOffset, source.bytes() - done)) {
      return 0;
    }
    own.slice.setSlice(source, done, run.length);
    data.write(run.hostOffset, own.slice);
    return run.length;
  }

  /** As {@link #tryWrite}, and only if that waits for nobody. */
  long writeAtOnce(Scratch own, long guestOffset, IoVector source, long done) throws IOException {
    Run run = own.run;
    if (!isInPlace(run, guestOffset, source.bytes() - done)) {
      return 0;
    }
    own.slice.setSlice(source, done, run.length);
    return data.writeAtOnce(run.hostOffset, own.slice) ? run.length : 0;
  }

  /** Finds a stretch by the tables as they are in memory, if it may be written where it is. */
  private boolean isInPlace(Run run, long guestOffset, long limit) throws IOException {
    Table table = tables.peek(guestOffset);
    if (table == null || !tables.isTableOwned(guestOffset)) {
      return false;
    }
    run.map(tables, table, guestOffset, limit);
    return run.kind == Run.Kind.DATA && run.isOwned && !hitsMetadata(run.hostOffset, run.length);
  }

  private boolean hitsMetadata(long hostOffset, long length) {
    if (hasDataFile) {
      return false;
    }
    for (long at = geometry.clusterStart(hostOffset);
        at < hostOffset + length;
        at += geometry.clusterBytes) {
      if (at == 0 || home.isMetadata(at)) {
        return true;
      }
    }
    return false;
  }

  private void checkNoMetadata(long hostOffset, long length) throws IOException {
    if (hitsMetadata(hostOffset, length)) {
      throw home.markCorrupt(hostOffset, "guest data would overwrite a table");
    }
  }

  /** Writes some bytes from {@code done} on; for one thread at a time. */
  long write(long guestOffset, IoVector source, long done) throws IOException {
    compressed.forget();
    long limit = source.bytes() - done;
    Table table = tables.forWriting(guestOffset);
    Run run = scratch.run;
    run.map(tables, table, guestOffset, limit);
    int index = geometry.l2Index(guestOffset);
    long entry = tables.entry(table, index);
    boolean isInPlace =
        (entry & ClusterTables.COMPRESSED) == 0
            && (entry & ClusterTables.COPIED) != 0
            && (hasDataFile || (entry & ClusterTables.OFFSET_MASK) != 0);
    if (isInPlace) {
      if (run.kind == Run.Kind.DATA) {
        checkNoMetadata(run.hostOffset, run.length);
        scratch.slice.setSlice(source, done, run.length);
        data.write(run.hostOffset, scratch.slice);
        return run.length;
      }
      return writeIntoOwned(table, index, guestOffset, source, done);
    }
    int inCluster = geometry.inCluster(guestOffset);
    if (inCluster != 0 || limit < geometry.clusterBytes) {
      return writePart(table, index, guestOffset, source, done);
    }
    return writeWhole(table, index, guestOffset, source, done);
  }

  /** Into a cluster that is there and owned, but that has no data yet where they go. */
  private long writeIntoOwned(Table table, int index, long guestOffset, IoVector source, long done)
      throws IOException {
    long entry = tables.entry(table, index);
    long bitmap = tables.bitmap(table, index);
    long clusterStart = geometry.clusterStart(guestOffset);
    int from = geometry.inCluster(guestOffset);
    int unitEnd = (from & -geometry.unitBytes) + geometry.unitBytes;
    // Further subclusters without data follow along.
    int to = (int) Math.min(from + source.bytes() - done, geometry.clusterBytes);
    int end = unitEnd;
    while (geometry.isExtended && end < to && (bitmap >>> end / geometry.unitBytes & 1) == 0) {
      end += geometry.unitBytes;
    }
    to = Math.min(to, end);
    int padFrom = from & -geometry.unitBytes;
    int padTo =
        Math.min(geometry.clusterBytes, (to + geometry.unitBytes - 1) & -geometry.unitBytes);
    long host = entry & ClusterTables.OFFSET_MASK;
    checkNoMetadata(host, geometry.clusterBytes);
    writePadded(clusterStart, padFrom, from, to, padTo, source, done, host);
    long newBits = bits(padFrom, padTo);
    tables.set(
        table,
        index,
        entry & ~(geometry.isExtended ? 0 : ClusterTables.ZERO),
        (bitmap | newBits) & ~(newBits << 32));
    return to - from;
  }

  private long bits(int from, int to) {
    if (!geometry.isExtended) {
      return 0;
    }
    int first = from / geometry.unitBytes;
    int last = to / geometry.unitBytes;
    return (1L << last) - (1L << first);
  }

  /** Part of a cluster that has to be made or copied. */
  private long writePart(Table table, int index, long guestOffset, IoVector source, long done)
      throws IOException {
    long entry = tables.entry(table, index);
    long bitmap = tables.bitmap(table, index);
    long clusterStart = geometry.clusterStart(guestOffset);
    int from = geometry.inCluster(guestOffset);
    int to = (int) Math.min(from + source.bytes() - done, geometry.clusterBytes);
    boolean isEmpty =
        (entry & ClusterTables.COMPRESSED) == 0
            && (geometry.isExtended ? (bitmap & ClusterTables.ALL_ALLOCATED) == 0 : false);
    int padFrom = isEmpty ? from & -geometry.unitBytes : 0;
    int padTo =
        isEmpty ? (to + geometry.unitBytes - 1) & -geometry.unitBytes : geometry.clusterBytes;
    long host = allocateData(clusterStart, 1);
    try {
      if (!hasDataFile && refcounts.isAllocatedVirgin() && readsAsZeros()) {
        scratch.slice.setSlice(source, done, to - from);
        data.write(host + from, scratch.slice);
      } else {
        writePadded(clusterStart, padFrom, from, to, padTo, source, done, host);
      }
    } catch (IOException failure) {
      releaseData(host, 1);
      throw failure;
    }
    long newBits = bits(padFrom, padTo);
    tables.set(
        table,
        index,
        host | ClusterTables.COPIED,
        isEmpty ? bitmap & ~(newBits << 32) | newBits : newBits);
    tables.freeEntryLater(entry);
    return to - from;
  }

  /** Whether the piece last mapped has nothing in it: then a new cluster needs no padding. */
  private boolean readsAsZeros() {
    return scratch.run.kind == Run.Kind.UNALLOCATED && !reader.hasBacking() && !geometry.isExtended;
  }

  /** As many whole clusters as can be had together. */
  private long writeWhole(Table table, int index, long guestOffset, IoVector source, long done)
      throws IOException {
    int most =
        (int) Math.min(source.bytes() - done >>> geometry.clusterBits, geometry.l2Entries - index);
    int count = 1;
    while (count < most && !isOwned(tables.entry(table, index + count))) {
      count++;
    }
    long host = allocateData(guestOffset, count);
    if (!hasDataFile) {
      count = refcounts.allocatedCount();
    }
    long length = (long) count << geometry.clusterBits;
    try {
      scratch.slice.setSlice(source, done, length);
      data.write(host, scratch.slice);
    } catch (IOException failure) {
      releaseData(host, count);
      throw failure;
    }
    for (int i = 0; i < count; i++) {
      long old = tables.entry(table, index + i);
      tables.set(
          table,
          index + i,
          host + ((long) i << geometry.clusterBits) | ClusterTables.COPIED,
          geometry.isExtended ? ClusterTables.ALL_ALLOCATED : 0);
      tables.freeEntryLater(old);
    }
    return length;
  }

  private boolean isOwned(long entry) {
    return (entry & ClusterTables.COMPRESSED) == 0 && (entry & ClusterTables.COPIED) != 0;
  }

  /** In a data file everything has its place; else free clusters are looked for. */
  private long allocateData(long guestOffset, int count) throws IOException {
    return hasDataFile ? guestOffset : refcounts.allocate(count) << geometry.clusterBits;
  }

  private void releaseData(long host, int count) throws IOException {
    if (!hasDataFile) {
      refcounts.release(host >>> geometry.clusterBits, count);
    }
  }

  private void writePadded(
      long clusterStart,
      int padFrom,
      int from,
      int to,
      int padTo,
      IoVector source,
      long done,
      long host)
      throws IOException {
    if (pad.byteSize() == 0) {
      pad = arena.allocate(geometry.clusterBytes, 4096);
    }
    long address = pad.address();
    if (padFrom < from) {
      reader.readInto(scratch, whole, clusterStart + padFrom, address + padFrom, from - padFrom);
    }
    if (to < padTo) {
      reader.readInto(scratch, whole, clusterStart + to, address + to, padTo - to);
    }
    padVector.clear();
    padVector.add(address + padFrom, from - padFrom);
    scratch.slice.setSlice(source, done, to - from);
    for (int i = 0; i < scratch.slice.count(); i++) {
      padVector.add(scratch.slice.address(i), scratch.slice.length(i));
    }
    padVector.add(address + to, padTo - to);
    data.write(host + padFrom, padVector);
  }

  /**
   * Maps every cluster from one on, none of which is, to places that are not written.
   *
   * @param places offset and length of each
   */
  void preallocate(long firstOffset, long diskBytes, List<long[]> places) throws IOException {
    long bitmap =
        geometry.isExtended && home.header.isDataFileRaw() ? ClusterTables.ALL_ALLOCATED : 0;
    long at = firstOffset;
    while (at < diskBytes) {
      Table table = tables.forWriting(at);
      int index = geometry.l2Index(at);
      int most = (int) Math.min(geometry.clustersFor(diskBytes - at), geometry.l2Entries - index);
      long host = allocateData(at, most);
      int count = hasDataFile ? most : refcounts.allocatedCount();
      for (int i = 0; i < count; i++) {
        tables.set(
            table,
            index + i,
            host + ((long) i << geometry.clusterBits) | ClusterTables.COPIED,
            bitmap);
      }
      long length = (long) count << geometry.clusterBits;
      places.add(new long[] {host, hasDataFile ? Math.min(length, diskBytes - at) : length});
      at += length;
    }
  }

  /** Writes one whole cluster compressed; false when that saves nothing. */
  boolean writeCompressed(long guestOffset, byte[] cluster) throws IOException {
    byte @Nullable [] packed = compressed.pack(cluster);
    if (packed == null) {
      return false;
    }
    compressed.forget();
    Table table = tables.forWriting(guestOffset);
    long host = allocateCompressed(packed.length);
    int index = geometry.l2Index(guestOffset);
    try {
      home.file.write(host, java.nio.ByteBuffer.wrap(packed));
    } catch (IOException failure) {
      for (long c = host >>> geometry.clusterBits;
          c <= host + packed.length - 1 >>> geometry.clusterBits;
          c++) {
        refcounts.decrement(c);
      }
      compressedAt = 0;
      throw failure;
    }
    long sectors = ((host & 511) + packed.length - 1) / 512;
    long old = tables.entry(table, index);
    tables.set(
        table, index, host | sectors << geometry.compressedSizeShift | ClusterTables.COMPRESSED, 0);
    tables.freeEntryLater(old);
    return true;
  }

  private long allocateCompressed(int length) throws IOException {
    if (compressedAt != 0 && compressedGeneration == tables.generation()) {
      int room = geometry.clusterBytes - geometry.inCluster(compressedAt);
      long shared = compressedAt >>> geometry.clusterBits;
      long count = refcounts.get(shared);
      if (count != 0 && count < geometry.maxRefcount && length <= room) {
        refcounts.increment(shared);
        return advance(compressedAt, length);
      }
    }
    return advance(refcounts.allocate(1) << geometry.clusterBits, length);
  }

  private long advance(long host, int length) {
    long next = host + length;
    compressedAt = geometry.inCluster(next) == 0 ? 0 : next;
    compressedGeneration = tables.generation();
    return host;
  }

  /** Forgets the cluster that has room, because it may not be this disk's alone from now on. */
  void endCompressed() {
    compressedAt = 0;
  }
}
