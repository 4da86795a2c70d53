package org.maloca.block.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.maloca.block.file.ImageFile;
import org.maloca.block.qcow2.ClusterReader.Scratch;
import org.maloca.block.qcow2.TableCache.Table;
import org.maloca.core.memory.IoVector;

/** Discards and zeroes: by the tables where whole clusters are meant. */
final class ClusterEraser {
  private static final int ZERO_BYTES = 1 << 16;

  private final HeaderFile home;
  private final Geometry geometry;
  private final ClusterTables tables;
  private final ClusterReader reader;
  private final ClusterWriter writer;
  private final ImageFile data;
  private final Scratch scratch;
  private final IoVector zeroVector = new IoVector();
  private final MemorySegment zeros = Arena.ofAuto().allocate(ZERO_BYTES, 4096);

  ClusterEraser(
      HeaderFile home,
      ClusterTables tables,
      ClusterReader reader,
      ClusterWriter writer,
      ImageFile data) {
    this.home = home;
    this.geometry = home.geometry;
    this.tables = tables;
    this.reader = reader;
    this.writer = writer;
    this.data = data;
    this.scratch = new Scratch(home);
  }

  /** Whether what is not allocated here reads as zeros. */
  private boolean isEmptyZero() {
    return !reader.hasBacking();
  }

  /**
   * Drops the whole clusters of a stretch that ends with its L2 table at the latest.
   *
   * @return bytes passed
   */
  long discard(long guestOffset, long length, long diskBytes) throws IOException {
    long most = Math.min(length, tableEnd(guestOffset) - guestOffset);
    if (home.header.isDataFileRaw()) {
      data.punchHole(guestOffset, most);
      return most;
    }
    if (!tables.hasTable(guestOffset) || !isEmptyZero() && home.header.version < 3) {
      return most;
    }
    long end = guestOffset + most;
    for (long at = roundUp(guestOffset); at < end; at += geometry.clusterBytes) {
      if (end - at >= geometry.clusterBytes || end == diskBytes) {
        erase(at, true, false);
      }
    }
    return most;
  }

  /**
   * Leaves a stretch that ends with its L2 table at the latest to the backing file.
   *
   * @return bytes passed
   */
  long empty(long guestOffset, long length) throws IOException {
    long most = Math.min(length, tableEnd(guestOffset) - guestOffset);
    if (!tables.hasTable(guestOffset)) {
      return most;
    }
    for (long at = guestOffset; at < guestOffset + most; at += geometry.clusterBytes) {
      Table table = tables.forWriting(at);
      int index = geometry.l2Index(at);
      long entry = tables.entry(table, index);
      if (entry != 0 || tables.bitmap(table, index) != 0) {
        tables.set(table, index, 0, 0);
        free(at, entry);
      }
    }
    return most;
  }

  /** Gives back what an entry, which is in no table any more, referred to. */
  private void free(long guestOffset, long entry) throws IOException {
    tables.freeEntryLater(entry);
    if (home.header.hasDataFile() && (entry & ClusterTables.COPIED) != 0) {
      data.punchHole(guestOffset, geometry.clusterBytes);
    }
    if (tables.isDue()) {
      tables.commit();
    }
  }

  /** Makes a stretch that ends with its L2 table at the latest read as zeros. */
  long zero(long guestOffset, long length, boolean mayUnmap, long diskBytes) throws IOException {
    long most = Math.min(length, tableEnd(guestOffset) - guestOffset);
    if (home.header.isDataFileRaw()) {
      // The file tells all: a mark in the tables would hide what is written to it by others.
      data.punchHole(guestOffset, most);
      return most;
    }
    if (!tables.hasTable(guestOffset) && isEmptyZero()) {
      return most;
    }
    long end = guestOffset + most;
    long at = guestOffset;
    while (at < end) {
      long clusterEnd = geometry.clusterStart(at) + geometry.clusterBytes;
      boolean isWhole = geometry.inCluster(at) == 0 && (clusterEnd <= end || end == diskBytes);
      long pieceEnd = Math.min(clusterEnd, end);
      if (isWhole && canErase()) {
        erase(at, mayUnmap, true);
      } else {
        writeZeros(at, pieceEnd - at);
      }
      at = pieceEnd;
    }
    return most;
  }

  private boolean canErase() {
    return home.header.version >= 3 || isEmptyZero();
  }

  private void erase(long guestOffset, boolean mayUnmap, boolean mustBeZero) throws IOException {
    Table table = tables.forReading(guestOffset);
    int index = geometry.l2Index(guestOffset);
    long entry = table == null ? 0 : tables.entry(table, index);
    long bitmap = table == null ? 0 : tables.bitmap(table, index);
    long zeroEntry = isEmptyZero() || geometry.isExtended ? 0 : ClusterTables.ZERO;
    long zeroBitmap = isEmptyZero() || !geometry.isExtended ? 0 : ClusterTables.ALL_ZERO;
    boolean isUnmapped = entry == 0 && bitmap == 0;
    if (isUnmapped && (isEmptyZero() || !mustBeZero)
        || entry == zeroEntry && bitmap == zeroBitmap) {
      return;
    }
    boolean keepsRoom =
        !mayUnmap
            && home.header.version >= 3
            && (entry & ClusterTables.COMPRESSED) == 0
            && (entry & ClusterTables.COPIED) != 0;
    if (keepsRoom) {
      zeroEntry = geometry.isExtended ? entry : entry | ClusterTables.ZERO;
      zeroBitmap = geometry.isExtended ? ClusterTables.ALL_ZERO : 0;
    }
    table = tables.forWriting(guestOffset);
    tables.set(table, index, zeroEntry, zeroBitmap);
    if (!keepsRoom) {
      free(guestOffset, entry);
    }
  }

  private void writeZeros(long guestOffset, long length) throws IOException {
    long at = guestOffset;
    long end = guestOffset + length;
    while (at < end) {
      scratch.run.map(tables, tables.forReading(at), at, end - at);
      long piece = scratch.run.length;
      boolean isZero =
          scratch.run.kind == Run.Kind.ZERO
              || scratch.run.kind == Run.Kind.UNALLOCATED && isEmptyZero();
      if (!isZero) {
        zeroVector.clear();
        piece = Math.min(piece, ZERO_BYTES);
        zeroVector.add(zeros.address(), piece);
        long done = 0;
        while (done < piece) {
          done += writer.write(at + done, zeroVector, done);
        }
      }
      at += piece;
    }
  }

  private long tableEnd(long guestOffset) {
    int bits = geometry.clusterBits + geometry.l2Bits;
    long end = (guestOffset >>> bits) + 1 << bits;
    return end < 0 ? Long.MAX_VALUE : end;
  }

  private long roundUp(long guestOffset) {
    return (guestOffset + geometry.clusterBytes - 1) & -geometry.clusterBytes;
  }
}
