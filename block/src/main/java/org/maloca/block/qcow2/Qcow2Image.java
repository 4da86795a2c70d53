package org.maloca.block.qcow2;

import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;
import org.maloca.block.image.FileHoles;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.qcow2.ClusterReader.Scratch;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * A qcow2 image. Sources: QEMU's {@code docs/interop/qcow2.rst} (the specification whose section
 * names the code gives), RFC 1951 and RFC 8878 for compressed clusters.
 *
 * <h2>The format</h2>
 *
 * <p>The file is divided into clusters of 512 bytes to 2 MiB; all numbers are big-endian;
 * everything begins at a cluster's start, except compressed data.
 *
 * <ul>
 *   <li>The first cluster has the <em>header</em>: 72 bytes in version 2; in version 3 at least
 *       104, with feature bits. Incompatible ones (dirty, corrupt, external data file, compression
 *       type, extended L2) must be known to open the image; compatible ones (lazy refcounts) may be
 *       ignored; autoclear ones (bitmaps, raw external data) are cleared by writers that do not
 *       keep them right. Behind it lie extensions (type, length, data) and the backing file's name.
 *   <li>The <em>L1 table</em> has an entry for each L2 table: its offset in bits 9 to 55, and bit
 *       63 (copied) when nobody else refers to the table, so that it may be changed in place.
 *   <li>An <em>L2 table</em> is a cluster of entries of 8 bytes, each for a cluster of the disk:
 *       its offset in bits 9 to 55; bit 63 as above; bit 0 when it reads as zeros whatever lies
 *       there; bit 62 when it is compressed, with the offset in the low bits to the byte and above
 *       them the number of further sectors of 512 bytes. An entry of zero leaves the cluster to the
 *       backing file. Extended entries have 8 more bytes: for each of 32 subclusters, bit
 *       <em>n</em> when it is allocated and bit 32 + <em>n</em> when it reads as zeros.
 *   <li>The <em>refcount table</em> has offsets of <em>refcount blocks</em>: clusters of counts, 1
 *       to 64 bits wide, of how many references each cluster of the file has.
 *   <li>The <em>snapshot table</em> lists internal snapshots: each has an L1 table of its own, and
 *       shares what was not changed since.
 * </ul>
 *
 * <h2>How it is kept right</h2>
 *
 * <p>Guest data go straight to their clusters. Changes of tables stay in memory and reach the file
 * at {@link #flush}, or when memory for them runs out, in steps with a barrier between each: data
 * and refcounts, L2 tables, L1 table; then what they referred to before becomes free. So whatever
 * part of the unflushed writes a loss of power keeps, every table refers to finished, counted
 * clusters; the worst is a leak. Where the image has lazy refcounts, they are left out of that, and
 * the image is marked as dirty from its first commit until it is closed; an image that is found so
 * is counted anew.
 *
 * <p>Reads, and writes in place, run side by side on any number of threads; what changes tables
 * runs alone.
 */
public final class Qcow2Image implements DiskImage {
  private final HeaderFile home;
  private final ImageFile data;
  private final FileHoles holes;
  private final @Nullable ImageFile dataFile;
  private final @Nullable BlockBackend backing;
  private final Refcounts refcounts;
  private final ClusterTables tables;
  private final CompressedClusters compressed;
  private final ClusterReader reader;
  private final ClusterWriter writer;
  private final ClusterEraser eraser;
  private final Snapshots snapshots;
  private final @Nullable DirtyBitmaps bitmaps;
  private final StampedLock lock = new StampedLock();
  private final ThreadLocal<Scratch> scratch;
  private volatile long sizeBytes;
  private volatile @Nullable Runnable sizeListener;
  private boolean isClosed;

  private Qcow2Image(HeaderFile home, @Nullable ImageFile dataFile, @Nullable BlockBackend backing)
      throws IOException {
    this.home = home;
    this.dataFile = dataFile;
    this.data = dataFile == null ? home.file : dataFile;
    holes = new FileHoles(data);
    this.backing = backing;
    this.sizeBytes = home.header.sizeBytes & -SECTOR_BYTES;
    this.scratch = ThreadLocal.withInitial(() -> new Scratch(home));
    home.forgetMetadata();
    refcounts = new Refcounts(home);
    tables = new ClusterTables(home, refcounts, dataFile);
    compressed = new CompressedClusters(home, tables);
    reader = new ClusterReader(home, tables, data, backing, compressed);
    writer = new ClusterWriter(home, refcounts, tables, reader, compressed, data);
    eraser = new ClusterEraser(home, tables, reader, writer, data);
    snapshots = new Snapshots(home, refcounts, tables);
    bitmaps = home.isReadOnly ? null : DirtyBitmaps.of(home, refcounts);
    if (!home.isReadOnly) {
      home.clearAutoclear(bitmaps != null);
      if ((home.header.incompatible & Qcow2Header.INCOMPATIBLE_DIRTY) != 0) {
        if (checkLocked(Repair.ALL).corruptions() != 0) {
          home.breakOff();
        }
      }
    }
  }

  /** Whether a file begins as such an image does. */
  public static boolean isQcow2(ImageFile file) throws IOException {
    return Qcow2Header.isQcow2(file);
  }

  /**
   * Reads the header alone, for the names of the files that belong to the image. The names are what
   * the image says; whether they may be opened is the caller's decision.
   *
   * @throws org.maloca.block.image.CorruptImageException when the header contradicts itself
   * @throws UnsupportedImageException when Maloca does not know this kind, as with encryption
   */
  public static Qcow2Header readHeader(ImageFile file) throws IOException {
    return Qcow2Header.read(file);
  }

  /**
   * Opens an image, which owns the files and the backing disk from then on. An image that was not
   * closed in order (dirty) is mended first if it may be written.
   *
   * @param backing what its header calls the backing file, or null to see zeros in its place; only
   *     read
   * @param dataFile the external data file, exactly if the header says there is one
   */
  public static Qcow2Image open(
      ImageFile file, @Nullable BlockBackend backing, @Nullable ImageFile dataFile)
      throws IOException {
    Qcow2Header header = Qcow2Header.read(file);
    if (header.hasDataFile() != (dataFile != null)) {
      throw new UnsupportedImageException(
          file.name(), dataFile == null ? "needs its data file" : "has no data file of its own");
    }
    return new Qcow2Image(new HeaderFile(file, header, false), dataFile, backing);
  }

  /**
   * Opens the disk as it was at an internal snapshot, to read only.
   *
   * @param idOrName the snapshot's; an id counts before a name
   * @throws java.util.NoSuchElementException when there is none
   */
  public static Qcow2Image openSnapshot(
      ImageFile file, @Nullable BlockBackend backing, String idOrName) throws IOException {
    Qcow2Header header = Qcow2Header.read(file);
    Qcow2Image now = new Qcow2Image(new HeaderFile(file, header, true), null, backing);
    SnapshotTable.Entry entry = now.snapshots.find(idOrName);
    header.l1Offset = entry.l1Offset();
    header.l1Entries = entry.l1Entries();
    header.sizeBytes = entry.diskBytes(header.sizeBytes);
    if (header.sizeBytes < 0
        || now.home.geometry.l1EntriesFor(header.sizeBytes) > header.l1Entries) {
      throw now.home.corrupt(entry.l1Offset(), "a snapshot's L1 table is smaller than its disk");
    }
    return new Qcow2Image(new HeaderFile(file, header, true), null, backing);
  }

  /** Opens an image whose data are its own. */
  public static Qcow2Image open(ImageFile file, @Nullable BlockBackend backing) throws IOException {
    return open(file, backing, null);
  }

  /**
   * Makes an empty image in a file, whose content is lost, and opens it.
   *
   * @param backing the disk behind {@link Qcow2Options#backingFile}
   * @param dataFile exactly if the options name one
   */
  public static Qcow2Image create(
      ImageFile file,
      long sizeBytes,
      Qcow2Options options,
      @Nullable BlockBackend backing,
      @Nullable ImageFile dataFile)
      throws IOException {
    if ((options.dataFile() != null) != (dataFile != null)) {
      throw new IllegalArgumentException("a data file is named, or given, but not both");
    }
    Qcow2Creator.create(file, sizeBytes, options);
    if (dataFile != null) {
      dataFile.setSize(options.dataFileRaw() ? sizeBytes : 0);
    }
    Qcow2Image image = open(file, backing, dataFile);
    // What somebody writes into a raw data file is on the disk: all of it must be mapped.
    if (options.preallocation() != Qcow2Options.Preallocation.OFF || options.dataFileRaw()) {
      Qcow2Creator.preallocate(image, image.data, options, dataFile);
    }
    return image;
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.QCOW2;
  }

  @Override
  public String name() {
    return home.file.name();
  }

  /** What the header says; a view that must not outlive the image. */
  public Qcow2Header header() {
    return home.header;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return home.isReadOnly;
  }

  @Override
  public int preferredBytes() {
    return Math.max(4096, home.geometry.unitBytes);
  }

  @Override
  public void onSizeChange(Runnable listener) {
    sizeListener = listener;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    checkRange(offset, target.bytes());
    Scratch own = scratch.get();
    long done = 0;
    while (done < target.bytes()) {
      long stamp = lock.readLock();
      long more;
      try {
        more = reader.tryRead(own, offset + done, target, done);
      } finally {
        lock.unlockRead(stamp);
      }
      if (more == 0) {
        stamp = lock.writeLock();
        try {
          more = reader.read(own, offset + done, target, done);
        } finally {
          lock.unlockWrite(stamp);
        }
      }
      done += more;
    }
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    checkRange(offset, source.bytes());
    beforeChange(offset, source.bytes());
    Scratch own = scratch.get();
    long done = 0;
    while (done < source.bytes()) {
      long stamp = lock.readLock();
      long more;
      try {
        more = writer.tryWrite(own, offset + done, source, done);
      } finally {
        lock.unlockRead(stamp);
      }
      if (more == 0) {
        stamp = lock.writeLock();
        try {
          checkWritable();
          more = writer.write(offset + done, source, done);
        } finally {
          lock.unlockWrite(stamp);
        }
      }
      done += more;
    }
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    checkRange(offset, target.bytes());
    return goThroughAtOnce(offset, target, false);
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    checkRange(offset, source.bytes());
    checkWritable();
    return (bitmaps == null || bitmaps.changingAtOnce(offset, source.bytes()))
        && goThroughAtOnce(offset, source, true);
  }

  private boolean goThroughAtOnce(long offset, IoVector vector, boolean isWrite)
      throws IOException {
    Scratch own = scratch.get();
    long done = 0;
    long stamp = lock.tryReadLock();
    if (stamp == 0) {
      return false;
    }
    try {
      while (done < vector.bytes()) {
        long more =
            isWrite
                ? writer.writeAtOnce(own, offset + done, vector, done)
                : reader.readAtOnce(own, offset + done, vector, done);
        if (more == 0) {
          return false;
        }
        done += more;
      }
      return true;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /**
   * Writes one cluster compressed, or as it is when that saves nothing. For filling new images:
   * what is written again later takes new room.
   *
   * @param offset a multiple of the cluster size
   * @param cluster as many bytes as a cluster has; of those past the disk's end nothing is kept
   */
  public void writeCompressed(long offset, byte[] cluster) throws IOException {
    if (cluster.length != home.geometry.clusterBytes
        || home.geometry.inCluster(offset) != 0
        || offset < 0
        || offset >= sizeBytes) {
      throw new IllegalArgumentException("%d bytes at %d".formatted(cluster.length, offset));
    }
    beforeChange(offset, Math.min(cluster.length, sizeBytes - offset));
    if (dataFile != null) {
      throw new UnsupportedImageException(name(), "has a data file, where nothing is compressed");
    }
    long stamp = lock.writeLock();
    try {
      checkWritable();
      if (writer.writeCompressed(offset, cluster)) {
        return;
      }
    } finally {
      lock.unlockWrite(stamp);
    }
    try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
      long length = Math.min(cluster.length, sizeBytes - offset);
      java.lang.foreign.MemorySegment copy = arena.allocate(cluster.length);
      java.lang.foreign.MemorySegment.copy(
          cluster, 0, copy, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, cluster.length);
      IoVector vector = new IoVector();
      vector.add(copy.address(), length);
      write(offset, vector);
    }
  }

  @Override
  public void flush() throws IOException {
    if (isReadOnly()) {
      return;
    }
    home.checkNotGivenUp();
    long stamp = lock.readLock();
    try {
      if (!tables.isDirty()) {
        if (dataFile != null) {
          dataFile.flush();
        }
        home.file.flush();
        return;
      }
    } finally {
      lock.unlockRead(stamp);
    }
    stamp = lock.writeLock();
    try {
      tables.commit();
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    checkRange(offset, length);
    beforeChange(offset, length);
    long done = 0;
    while (done < length) {
      long stamp = lock.writeLock();
      try {
        done += eraser.discard(offset + done, length - done, sizeBytes);
      } finally {
        lock.unlockWrite(stamp);
      }
    }
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    checkRange(offset, length);
    beforeChange(offset, length);
    long done = 0;
    while (done < length) {
      long stamp = lock.writeLock();
      try {
        done += eraser.zero(offset + done, length - done, mayUnmap, sizeBytes);
      } finally {
        lock.unlockWrite(stamp);
      }
    }
  }

  /** Drops every cluster that is mapped, and shows the backing file's bytes there. */
  @Override
  public boolean empty() throws IOException {
    checkWritable();
    long at = 0;
    while (at < sizeBytes) {
      long stamp = lock.writeLock();
      try {
        at += eraser.empty(at, sizeBytes - at);
      } finally {
        lock.unlockWrite(stamp);
      }
    }
    flush();
    return true;
  }

  @Override
  public Extent extentAt(long offset, long length) throws IOException {
    Extent piece = mappedAt(offset, length);
    // Clusters that were preallocated are mapped before they are written.
    return piece.fileOffset() >= 0 ? holes.lookAt(piece, piece.fileOffset()) : piece;
  }

  private Extent mappedAt(long offset, long length) throws IOException {
    checkRange(offset, length);
    long stamp = lock.writeLock();
    try {
      Run run = scratch.get().run;
      run.map(tables, tables.forReading(offset), offset, length);
      Run.Kind kind = run.kind;
      long hostOffset = kind == Run.Kind.DATA ? run.hostOffset : -1;
      long total = run.length;
      while (total < length && kind != Run.Kind.COMPRESSED) {
        run.map(tables, tables.forReading(offset + total), offset + total, length - total);
        if (run.kind != kind || kind == Run.Kind.DATA && run.hostOffset != hostOffset + total) {
          break;
        }
        total += run.length;
      }
      Extent.Kind answer =
          switch (kind) {
            case UNALLOCATED -> Extent.Kind.UNALLOCATED;
            case ZERO -> Extent.Kind.ZERO;
            case DATA, COMPRESSED -> Extent.Kind.DATA;
          };
      return new Extent(offset, total, answer, hostOffset, kind == Run.Kind.COMPRESSED);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Maps every cluster of the disk to a place that nothing was written to; lists the places. */
  void preallocateMetadata(List<long[]> places) throws IOException {
    long stamp = lock.writeLock();
    try {
      writer.preallocate(0, sizeBytes, places);
      tables.commit();
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  @Override
  public void resize(long bytes) throws IOException {
    if (bitmaps != null) {
      bitmaps.checkResize(bytes);
    }
    change(() -> {
      new Qcow2Resize(home, refcounts, tables, eraser, writer, snapshots)
          .run(bytes, backing, dataFile);
      sizeBytes = bytes;
    });
    tellSize();
  }

  private void tellSize() {
    Runnable listener = sizeListener;
    if (listener != null) {
      listener.run();
    }
  }

  /** Names what there are of internal snapshots, the oldest first. */
  public List<ImageInfo.Snapshot> snapshots() {
    long stamp = lock.readLock();
    try {
      return snapshots.entries().stream().map(SnapshotTable.Entry::info).toList();
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /**
   * Takes an internal snapshot of the disk as it is.
   *
   * @param clock for the date that it bears
   * @return its id
   * @throws UnsupportedOperationException with an external data file
   */
  public String createSnapshot(String name, Clock clock) throws IOException {
    String[] id = new String[1];
    change(() -> id[0] = snapshots.create(name, clock));
    return id[0];
  }

  /**
   * Makes the disk what it was at a snapshot, which stays; what was written since is lost.
   *
   * @throws java.util.NoSuchElementException when there is none of that id or name
   */
  public void applySnapshot(String idOrName) throws IOException {
    change(() -> {
      SnapshotTable.Entry entry = snapshots.find(idOrName);
      if (bitmaps != null) {
        bitmaps.checkResize(entry.diskBytes(home.header.sizeBytes));
        bitmaps.changing(0, sizeBytes);
      }
      snapshots.apply(entry);
      sizeBytes = home.header.sizeBytes & -SECTOR_BYTES;
    });
    tellSize();
  }

  /**
   * Deletes a snapshot.
   *
   * @throws java.util.NoSuchElementException when there is none of that id or name
   */
  public void deleteSnapshot(String idOrName) throws IOException {
    change(() -> snapshots.delete(snapshots.find(idOrName)));
  }

  private interface Change {
    void run() throws IOException;
  }

  /** Runs what changes many tables; when it fails half-way, references are counted anew. */
  private void change(Change change) throws IOException {
    checkWritable();
    long stamp = lock.writeLock();
    try {
      // What fails here is tried again by the next flush; what fails below starts from the file.
      tables.commit();
      try {
        change.run();
      } catch (IOException failure) {
        recount(failure);
        throw failure;
      }
    } finally {
      compressed.forget();
      lock.unlockWrite(stamp);
    }
  }

  private void recount(IOException failure) {
    try {
      home.checkNotGivenUp();
      tables.reload();
      CheckReport ignored = checkLocked(Repair.ALL);
    } catch (IOException again) {
      failure.addSuppressed(again);
      home.giveUp();
    }
  }

  /**
   * Changes what the header calls the backing file; the disk behind this open image stays the same.
   *
   * @param file null for none
   * @param format in QEMU's words; null to leave it unsaid
   */
  public void setBackingFile(@Nullable String file, @Nullable String format) throws IOException {
    checkWritable();
    long stamp = lock.writeLock();
    try {
      home.header.backingFile = file;
      home.header.setText(Qcow2Header.EXTENSION_BACKING_FORMAT, file == null ? null : format);
      tables.commit();
      home.writeAll();
      home.file.flush();
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  @Override
  public CheckReport check(Repair repair) throws IOException {
    if (repair != Repair.NOTHING && isReadOnly()) {
      throw new IOException(name() + ": is read-only");
    }
    long stamp = lock.writeLock();
    try {
      return checkLocked(repair);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private CheckReport checkLocked(Repair repair) throws IOException {
    if (!isReadOnly() && !home.isCorrupt()) {
      tables.commit();
      refcounts.commit();
    }
    CheckReport report = new Qcow2Check(home, refcounts, tables, snapshots).run(repair);
    if (repair != Repair.NOTHING) {
      home.forgetMetadata();
      refcounts.addMetadata();
      tables.reload();
      snapshots.addMetadata();
      compressed.forget();
    }
    return report;
  }

  @Override
  public ImageInfo info() throws IOException {
    Qcow2Header header = home.header;
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("compat", header.version == 2 ? "0.10" : "1.1");
    if (header.version >= 3) {
      details.put(
          "compression-type",
          header.compressionType == Qcow2Header.COMPRESSION_ZSTD ? "zstd" : "zlib");
      details.put(
          "lazy-refcounts", (header.compatible & Qcow2Header.COMPATIBLE_LAZY_REFCOUNTS) != 0);
    }
    details.put("refcount-bits", 1 << header.refcountOrder);
    if (header.version >= 3) {
      details.put("corrupt", (header.incompatible & Qcow2Header.INCOMPATIBLE_CORRUPT) != 0);
      details.put("dirty", (header.incompatible & Qcow2Header.INCOMPATIBLE_DIRTY) != 0);
      details.put("extended-l2", header.hasExtendedL2());
    }
    List<BitmapDirectory.Entry> found = BitmapDirectory.read(home).entries;
    if (!found.isEmpty()) {
      details.put(
          "bitmaps", String.join(", ", found.stream().map(BitmapDirectory.Entry::text).toList()));
    }
    String dataFileName = header.dataFile();
    if (dataFileName != null) {
      details.put("data-file", dataFileName);
      details.put("data-file-raw", header.isDataFileRaw());
    }
    ImageInfo.Backing backingInfo =
        header.backingFile == null
            ? null
            : new ImageInfo.Backing(header.backingFile, header.backingFormat());
    return new ImageInfo(
        sizeBytes,
        home.file.allocatedBytes() + (dataFile == null ? 0 : dataFile.allocatedBytes()),
        home.geometry.clusterBytes,
        backingInfo,
        snapshots(),
        details);
  }

  private void beforeChange(long offset, long length) throws IOException {
    checkWritable();
    if (bitmaps != null) {
      bitmaps.changing(offset, length);
    }
  }

  private void checkWritable() throws IOException {
    if (home.isReadOnly) {
      throw new IOException(name() + ": is read-only");
    }
    if (home.isCorrupt()) {
      throw new IOException(name() + ": is corrupt, and must be repaired before it is written");
    }
  }

  private void checkRange(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > sizeBytes - length) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: %d bytes at %d are outside the disk of %d",
              name(),
              length,
              offset,
              sizeBytes));
    }
  }

  @Override
  public void close() throws IOException {
    long stamp = lock.writeLock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      try (ImageFile file = home.file;
          ImageFile separate = dataFile;
          BlockBackend below = backing) {
        if (!isReadOnly() && !home.isCorrupt()) {
          tables.settle();
          if (bitmaps != null) {
            bitmaps.store();
          }
        }
      } finally {
        compressed.close();
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }
}
