package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.qcow2.TableCache.Table;

/**
 * The map from the disk to clusters of the file (specification, "Cluster mapping"): the L1 table,
 * in memory whole, and L2 tables, some of them.
 *
 * <p>Changes stay in memory until {@link #commit}, which makes them durable in an order that leaves
 * a right image at every moment: data and refcounts; then L2 tables; then the L1 table; and only
 * then are clusters free that the old tables referred to. With lazy refcounts the first of these
 * commits marks the image as dirty in place of writing refcounts, which {@link #settle} does.
 */
final class ClusterTables {
  static final long COPIED = 1L << 63;
  static final long COMPRESSED = 1L << 62;
  static final long ZERO = 1;
  static final long OFFSET_MASK = 0x00fffffffffffe00L;

  /** The extended entry's bits when all subclusters are zeros, or all allocated. */
  static final long ALL_ZERO = 0xffffffff00000000L;

  static final long ALL_ALLOCATED = 0xffffffffL;

  private static final int CACHE_BYTES = 16 << 20;
  private static final int MAX_PENDING = 1 << 16;

  private final HeaderFile home;
  private final ImageFile file;
  private final @Nullable ImageFile dataFile;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final TableCache l2Tables;
  private long[] l1;
  private int l1DirtyFrom = Integer.MAX_VALUE;
  private int l1DirtyTo;

  /** Clusters to be used once less after the next commit, one number each time. */
  private long[] pending = new long[64];

  private int pendingCount;

  /** Goes up whenever clusters may have become free. */
  private long generation;

  ClusterTables(HeaderFile home, Refcounts refcounts, @Nullable ImageFile dataFile)
      throws IOException {
    this.home = home;
    this.file = home.file;
    this.dataFile = dataFile;
    this.geometry = home.geometry;
    this.refcounts = refcounts;
    int capacity = Math.max(4, CACHE_BYTES >>> geometry.clusterBits);
    l2Tables = new TableCache(file, geometry.clusterBytes, capacity, this::commit);
    l1 = new long[0];
    reload();
  }

  /**
   * Takes the L1 table from the file anew, as the header says. What was not committed is forgotten:
   * the old tables count again, so what they refer to is not free.
   */
  void reload() throws IOException {
    pendingCount = 0;
    for (long entry : l1) {
      if ((entry & OFFSET_MASK) != 0) {
        home.removeMetadata(entry & OFFSET_MASK, geometry.clusterBytes);
      }
    }
    l2Tables.clear();
    l1 = readL1(home.header.l1Offset, home.header.l1Entries);
    l1DirtyFrom = Integer.MAX_VALUE;
    l1DirtyTo = 0;
    generation++;
    addMetadata();
  }

  void addMetadata() {
    for (long entry : l1) {
      if ((entry & OFFSET_MASK) != 0) {
        home.addMetadata(entry & OFFSET_MASK, geometry.clusterBytes);
      }
    }
  }

  long[] readL1(long offset, int entries) throws IOException {
    if (offset < 0 || offset > Long.MAX_VALUE - (long) entries * Long.BYTES) {
      throw home.corrupt(0, "an L1 table at byte 0x%x".formatted(offset));
    }
    long[] table = new long[entries];
    ByteBuffer bytes = ByteBuffer.allocate(entries * Long.BYTES);
    file.read(offset, bytes);
    bytes.clear().asLongBuffer().get(table);
    return table;
  }

  int l1Length() {
    return l1.length;
  }

  long l1Entry(int index) {
    return l1[index];
  }

  /** The L2 table for a place on the disk if it is in memory; for several threads at once. */
  @Nullable Table peek(long guestOffset) {
    long offset = l1[geometry.l1Index(guestOffset)] & OFFSET_MASK;
    return offset == 0 ? null : l2Tables.peek(offset);
  }

  boolean hasTable(long guestOffset) {
    return (l1[geometry.l1Index(guestOffset)] & OFFSET_MASK) != 0;
  }

  /** Whether the L2 table belongs to the disk alone, not to snapshots as well. */
  boolean isTableOwned(long guestOffset) {
    return (l1[geometry.l1Index(guestOffset)] & COPIED) != 0;
  }

  /** The L2 table for a place on the disk, or null where there is none. */
  @Nullable Table forReading(long guestOffset) throws IOException {
    int index = geometry.l1Index(guestOffset);
    long offset = checkedOffset(index);
    return offset == 0 ? null : l2Tables.get(offset);
  }

  private long checkedOffset(int l1Index) throws IOException {
    long offset = l1[l1Index] & OFFSET_MASK;
    if (geometry.inCluster(offset) != 0) {
      throw home.corrupt(
          home.header.l1Offset + (long) l1Index * Long.BYTES,
          "an L2 table at byte 0x%x".formatted(offset));
    }
    return offset;
  }

  /** The L2 table for a place on the disk, made or copied so that it can be changed. */
  Table forWriting(long guestOffset) throws IOException {
    int index = geometry.l1Index(guestOffset);
    long offset = checkedOffset(index);
    if (offset != 0 && (l1[index] & COPIED) != 0) {
      return l2Tables.get(offset);
    }
    byte[] content = offset == 0 ? null : l2Tables.get(offset).bytes.array().clone();
    long cluster = refcounts.allocate(1);
    long newOffset = cluster << geometry.clusterBits;
    Table table;
    try {
      table = l2Tables.create(newOffset);
    } catch (IOException failure) {
      refcounts.release(cluster, 1);
      throw failure;
    }
    if (content != null) {
      table.bytes.put(0, content);
      home.removeMetadata(offset, geometry.clusterBytes);
      freeLater(offset >>> geometry.clusterBits);
    }
    home.addMetadata(newOffset, geometry.clusterBytes);
    l1[index] = newOffset | COPIED;
    l1DirtyFrom = Math.min(l1DirtyFrom, index);
    l1DirtyTo = Math.max(l1DirtyTo, index + 1);
    return table;
  }

  long entry(Table table, int index) {
    return table.bytes.getLong(index * geometry.l2EntryBytes);
  }

  /** The subclusters' bits; zero where there are none. */
  long bitmap(Table table, int index) {
    return geometry.isExtended ? table.bytes.getLong(index * 16 + 8) : 0;
  }

  void set(Table table, int index, long entry, long bitmap) {
    int at = index * geometry.l2EntryBytes;
    table.bytes.putLong(at, entry);
    if (geometry.isExtended) {
      table.bytes.putLong(at + 8, bitmap);
    }
    table.setDirty(at, geometry.l2EntryBytes);
  }

  /** Frees what an L2 entry referred to, once no durable table does. */
  void freeEntryLater(long entry) {
    if ((entry & COMPRESSED) != 0) {
      long from = compressedOffset(entry);
      long last = from + compressedBytes(entry) - 1;
      for (long c = from >>> geometry.clusterBits; c <= last >>> geometry.clusterBits; c++) {
        freeLater(c);
      }
    } else if (dataFile == null && (entry & OFFSET_MASK) != 0) {
      freeLater((entry & OFFSET_MASK) >>> geometry.clusterBits);
    }
  }

  void freeLater(long cluster) {
    if (pendingCount == pending.length) {
      pending = Arrays.copyOf(pending, 2 * pendingCount);
    }
    pending[pendingCount++] = cluster;
  }

  /** Whether so much waits to be freed that a commit is due. */
  boolean isDue() {
    return pendingCount > MAX_PENDING;
  }

  long compressedOffset(long entry) {
    return entry & (1L << geometry.compressedSizeShift) - 1 & OFFSET_MASK_COMPRESSED;
  }

  private static final long OFFSET_MASK_COMPRESSED = (1L << 56) - 1;

  /** From the first compressed byte to the end of the last sector that has some. */
  int compressedBytes(long entry) {
    long sectors = (entry & ~(COPIED | COMPRESSED)) >>> geometry.compressedSizeShift;
    return (int) ((sectors + 1) * 512 - (compressedOffset(entry) & 511));
  }

  boolean isDirty() {
    return !home.hasLazyRefcounts && refcounts.isDirty() || areTablesDirty();
  }

  private boolean areTablesDirty() {
    return l2Tables.hasDirty() || l1DirtyTo != 0 || pendingCount != 0;
  }

  /** Makes everything durable that was written so far. When it fails, it can be tried again. */
  void commit() throws IOException {
    if (dataFile != null) {
      dataFile.flush();
    }
    if (!home.hasLazyRefcounts) {
      refcounts.commit();
    } else {
      file.flush();
      if (areTablesDirty()) {
        home.setIncompatible(Qcow2Header.INCOMPATIBLE_DIRTY, true);
      }
    }
    if (l2Tables.hasDirty()) {
      l2Tables.writeDirty();
      file.flush();
      l2Tables.setClean();
    }
    if (l1DirtyTo != 0) {
      writeL1(l1DirtyFrom, l1DirtyTo);
      file.flush();
      l1DirtyFrom = Integer.MAX_VALUE;
      l1DirtyTo = 0;
    }
    freePending();
  }

  /** Commits, refcounts too, and takes the mark of lazy ones away. */
  void settle() throws IOException {
    commit();
    // What was freed just now is in no file yet.
    refcounts.commit();
    if (home.hasLazyRefcounts) {
      home.setIncompatible(Qcow2Header.INCOMPATIBLE_DIRTY, false);
    }
  }

  private void writeL1(int from, int to) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((to - from) * Long.BYTES);
    bytes.asLongBuffer().put(l1, from, to - from);
    file.write(home.header.l1Offset + (long) from * Long.BYTES, bytes);
  }

  private void freePending() throws IOException {
    if (pendingCount == 0) {
      return;
    }
    generation++;
    Arrays.sort(pending, 0, pendingCount);
    long holeFrom = 0;
    long holeTo = 0;
    while (pendingCount > 0) {
      long cluster = pending[--pendingCount];
      if (home.metadata.contains(cluster)) {
        // Only in a broken image does something else refer to a table.
        continue;
      }
      if (refcounts.decrement(cluster)) {
        if (cluster + 1 != holeFrom) {
          punch(holeFrom, holeTo);
          holeTo = cluster + 1;
        }
        holeFrom = cluster;
      }
    }
    punch(holeFrom, holeTo);
    if (!home.hasLazyRefcounts) {
      // Not durable yet, but a process that is killed leaves no leak.
      refcounts.write();
    }
  }

  long generation() {
    return generation;
  }

  private void punch(long from, long to) throws IOException {
    if (from < to) {
      file.punchHole(from << geometry.clusterBits, to - from << geometry.clusterBits);
    }
  }
}
