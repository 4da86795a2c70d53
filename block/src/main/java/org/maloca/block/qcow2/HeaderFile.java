package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.core.backend.DiskFullException;

/**
 * The image's file with its header: what of the header changes while an image is in use, and which
 * clusters hold tables, so that nothing else is ever written there.
 */
final class HeaderFile {
  final ImageFile file;
  final Qcow2Header header;
  final Geometry geometry;

  /** Clusters of tables and refcount blocks, by number. */
  final LongSet metadata = new LongSet();

  /** Whether the image may only be looked at, be it that its file is such. */
  final boolean isReadOnly;

  /**
   * Whether refcounts may stay behind in the file while the image is marked as dirty
   * (specification, "Lazy refcounts"): who opens it then counts anew.
   */
  final boolean hasLazyRefcounts;

  private boolean isBroken;

  /** Whether the image is left alone, because nobody knows what its header says. */
  private boolean isGivenUp;

  /** Whether the file says of the feature bits what {@link #header} does. */
  private boolean areBitsSure = true;

  HeaderFile(ImageFile file, Qcow2Header header, boolean isReadOnly) {
    this.file = file;
    this.isReadOnly = isReadOnly || file.isReadOnly();
    this.header = header;
    this.geometry = new Geometry(header.clusterBits, header.refcountOrder, header.hasExtendedL2());
    this.hasLazyRefcounts =
        !this.isReadOnly && (header.compatible & Qcow2Header.COMPATIBLE_LAZY_REFCOUNTS) != 0;
  }

  /** Writes the fixed fields, one sector at most, in place. */
  void writeFields() throws IOException {
    ByteBuffer out = ByteBuffer.allocate(header.headerBytes());
    file.read(0, out);
    out.clear();
    header.encodeFields(out);
    file.write(0, out.clear());
  }

  /**
   * Has the file refer to other tables, durably. When that fails, nobody knows what it refers to:
   * then the image is given up, unless its host was only full.
   *
   * @param undo has {@link #header} refer to the old ones again
   */
  void switchTables(Runnable undo) throws IOException {
    try {
      writeFields();
    } catch (DiskFullException full) {
      undo.run();
      throw full;
    } catch (IOException failure) {
      giveUp();
      throw failure;
    }
    try {
      file.flush();
    } catch (IOException failure) {
      giveUp();
      throw failure;
    }
  }

  /** Whether a cluster is a hole of the file, or past its end, so that it reads as zeros. */
  boolean isHole(long offset) throws IOException {
    long data = file.nextData(offset);
    return data >= offset + geometry.clusterBytes || data >= file.size();
  }

  /** Writes the header with its extensions: a whole cluster. */
  void writeAll() throws IOException {
    file.write(0, header.encode(file.name()));
  }

  /** Records that a run of clusters holds a table; a second table there means a broken image. */
  void addMetadata(long offset, long bytes) {
    long first = offset >>> geometry.clusterBits;
    long count = geometry.clustersFor(bytes);
    for (long cluster = first; cluster < first + count; cluster++) {
      if (!metadata.add(cluster)) {
        isBroken = true;
      }
    }
  }

  void removeMetadata(long offset, long bytes) {
    long first = offset >>> geometry.clusterBits;
    long count = geometry.clustersFor(bytes);
    for (long cluster = first; cluster < first + count; cluster++) {
      metadata.remove(cluster);
    }
  }

  boolean isMetadata(long offset) {
    return metadata.contains(offset >>> geometry.clusterBits);
  }

  /** Whether the image must not be written: two tables share a cluster, or it says so itself. */
  boolean isCorrupt() {
    return isBroken || isGivenUp || (header.incompatible & Qcow2Header.INCOMPATIBLE_CORRUPT) != 0;
  }

  /** Begins to record anew which clusters hold tables. */
  void forgetMetadata() {
    isBroken = false;
    metadata.clear();
    addMetadata(0, geometry.clusterBytes);
    addMetadata(header.l1Offset, (long) header.l1Entries * Long.BYTES);
  }

  /** Sets or clears feature bits, durably. */
  void setIncompatible(long bits, boolean isSet) throws IOException {
    long wanted = isSet ? header.incompatible | bits : header.incompatible & ~bits;
    if (wanted == header.incompatible && areBitsSure) {
      return;
    }
    file.flush();
    long before = header.incompatible;
    header.incompatible = wanted;
    areBitsSure = false;
    try {
      writeFields();
      file.flush();
      areBitsSure = true;
    } finally {
      if (!areBitsSure) {
        header.incompatible = before;
      }
    }
  }

  /** Refuses writes until the image is opened or repaired anew. */
  void breakOff() {
    isBroken = true;
  }

  /** Refuses writes and flushes until the image is opened anew. */
  void giveUp() {
    isGivenUp = true;
  }

  /**
   * Refuses an image that was given up.
   *
   * @throws IOException which says so
   */
  void checkNotGivenUp() throws IOException {
    if (isGivenUp) {
      throw new IOException(
          file.name() + ": writing its header failed, and it has to be opened anew");
    }
  }

  /** Clears the bits of what is not kept right from now on (specification, "Autoclear"). */
  void clearAutoclear(boolean keepsBitmaps) throws IOException {
    long known =
        Qcow2Header.AUTOCLEAR_RAW_DATA_FILE | (keepsBitmaps ? Qcow2Header.AUTOCLEAR_BITMAPS : 0);
    long kept = header.autoclear & known;
    long before = header.autoclear;
    if (kept != before) {
      boolean isDone = false;
      header.autoclear = kept;
      try {
        writeFields();
        file.flush();
        isDone = true;
      } finally {
        header.autoclear = isDone ? kept : before;
      }
    }
  }

  /** Marks the image as corrupt, so that nobody writes it before it is repaired. */
  CorruptImageException markCorrupt(long offset, String rule) throws IOException {
    isBroken = true;
    if (header.version >= 3 && !isReadOnly) {
      header.incompatible |= Qcow2Header.INCOMPATIBLE_CORRUPT;
      writeFields();
      file.flush();
    }
    return corrupt(offset, rule);
  }

  CorruptImageException corrupt(long offset, String rule) {
    return new CorruptImageException(file.name(), offset, rule);
  }
}
