package org.maloca.block.qcow2;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.block.qcow2.TableCache.Table;

/**
 * What a stretch of the disk is mapped to; one object for one request after the other. A stretch
 * ends where the answer changes, or where its L2 table does.
 */
final class Run {
  /** What a cluster or subcluster may be (specification, "L2 table entries"). */
  enum Kind {
    /** Not in this image: from the backing file. */
    UNALLOCATED,
    ZERO,
    /** At {@link #hostOffset} as it is. */
    DATA,
    COMPRESSED
  }

  private final HeaderFile home;
  private final Geometry geometry;
  private final boolean hasDataFile;
  Kind kind = Kind.UNALLOCATED;
  long hostOffset;
  long length;

  /** The L2 entry of the stretch's first cluster. */
  long entry;

  /** Whether the whole stretch may be written in place. */
  boolean isOwned;

  Run(HeaderFile home) {
    this.home = home;
    this.geometry = home.geometry;
    this.hasDataFile = home.header.hasDataFile();
  }

  /** Looks a stretch of at most {@code limit} bytes up; {@code table} is the L2 table, if any. */
  void map(ClusterTables tables, @Nullable Table table, long guestOffset, long limit)
      throws IOException {
    long tableEnd = (guestOffset >>> geometry.clusterBits + geometry.l2Bits) + 1;
    long left = (tableEnd << geometry.clusterBits + geometry.l2Bits) - guestOffset;
    long most = left <= 0 ? limit : Math.min(limit, left);
    if (table == null) {
      kind = Kind.UNALLOCATED;
      entry = 0;
      hostOffset = 0;
      isOwned = false;
      length = most;
      return;
    }
    mapUnit(tables, table, guestOffset);
    Kind firstKind = kind;
    long firstEntry = entry;
    long firstHost = hostOffset;
    boolean firstOwned = isOwned;
    length = unitEnd(guestOffset) - guestOffset;
    while (length < most && firstKind != Kind.COMPRESSED) {
      mapUnit(tables, table, guestOffset + length);
      if (kind != firstKind
          || isOwned != firstOwned
          || kind == Kind.DATA && hostOffset != firstHost + length) {
        break;
      }
      length += geometry.unitBytes;
    }
    if (firstKind == Kind.COMPRESSED) {
      length = geometry.clusterBytes - geometry.inCluster(guestOffset);
    }
    length = Math.min(length, most);
    kind = firstKind;
    entry = firstEntry;
    hostOffset = firstHost;
    isOwned = firstOwned;
  }

  private long unitEnd(long guestOffset) {
    return (guestOffset & -geometry.unitBytes) + geometry.unitBytes;
  }

  private void mapUnit(ClusterTables tables, Table table, long guestOffset) throws IOException {
    int index = geometry.l2Index(guestOffset);
    entry = tables.entry(table, index);
    int inCluster = geometry.inCluster(guestOffset);
    if ((entry & ClusterTables.COMPRESSED) != 0) {
      kind = Kind.COMPRESSED;
      isOwned = false;
      hostOffset = tables.compressedOffset(entry);
      if (hasDataFile) {
        throw broken(table, index, "a compressed cluster beside a data file");
      }
      return;
    }
    long offset = entry & ClusterTables.OFFSET_MASK;
    isOwned = (entry & ClusterTables.COPIED) != 0;
    hostOffset = offset + inCluster;
    if (geometry.inCluster(offset) != 0) {
      throw broken(table, index, "a cluster at byte 0x%x".formatted(offset));
    }
    boolean isThere = offset != 0 || hasDataFile && isOwned;
    if (geometry.isExtended) {
      int unit = inCluster / geometry.unitBytes;
      long bitmap = tables.bitmap(table, index);
      boolean isZero = (bitmap >>> 32 + unit & 1) != 0;
      boolean isAllocated = (bitmap >>> unit & 1) != 0;
      if (isAllocated && (isZero || !isThere)) {
        throw broken(table, index, "subcluster bits that exclude each other");
      }
      kind = isZero ? Kind.ZERO : isAllocated ? Kind.DATA : Kind.UNALLOCATED;
    } else if ((entry & ClusterTables.ZERO) != 0) {
      if (home.header.version < 3) {
        throw broken(table, index, "a zero cluster in an image of version 2");
      }
      kind = Kind.ZERO;
    } else {
      kind = isThere ? Kind.DATA : Kind.UNALLOCATED;
    }
  }

  private IOException broken(Table table, int index, String what) {
    return home.corrupt(table.offset() + (long) index * geometry.l2EntryBytes, what);
  }
}
