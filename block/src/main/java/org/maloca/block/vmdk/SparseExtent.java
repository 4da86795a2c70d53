package org.maloca.block.vmdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.table.MappedDisk;
import org.maloca.block.table.PageCache;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * A sparse extent: a grain directory leads to grain tables, and those to grains. Where there is a
 * redundant directory, every change is made in both. Grains are appended; a compressed one is
 * written anew at the end when it changes, never over what it was.
 */
final class SparseExtent extends MappedDisk {
  private static final int SECTOR = SparseHeader.SECTOR;

  /** Pages of tables that the extents of one disk keep in memory, together. */
  private static final int CACHED_PAGES = 8192;

  private static final int MIN_CACHED_PAGES = 64;
  private static final long MAX_FILE_BYTES = 0xffff_ffffL * SECTOR;
  private static final long ENTRY_ZERO = 1;

  /** Replaced when the extent grows, under the lock. */
  volatile SparseHeader header;

  final PageCache tables;
  private final @Nullable CompressedGrains grains;
  private long current = -1;
  private boolean isCurrentDirty;
  private boolean isChanged;
  private long end;

  private SparseExtent(
      ImageFile file, SparseHeader header, @Nullable BlockBackend parent, int extentCount)
      throws IOException {
    super(file, parent, header.capacity() * SECTOR, header.grainBytes());
    this.header = header;
    int pages = Math.max(MIN_CACHED_PAGES, CACHED_PAGES / extentCount);
    tables = new PageCache(file, SECTOR, pages, ByteOrder.LITTLE_ENDIAN);
    grains =
        header.has(SparseHeader.FLAG_COMPRESSED)
            ? new CompressedGrains(file, (int) header.grainBytes())
            : null;
    // A descriptor may end behind the file's end: a grain must not come over it.
    long metadataEnd = Math.max(header.overhead(), header.fixedEnd()) * SECTOR;
    end = roundUp(Math.max(file.size(), metadataEnd), SECTOR);
  }

  /** Opens the extent in a file, one of so many of the disk. */
  static SparseExtent open(ImageFile file, @Nullable BlockBackend parent, int extentCount)
      throws IOException {
    SparseHeader header = SparseHeader.read(file);
    String overlap = header.overlap();
    if (overlap != null && !file.isReadOnly()) {
      throw new CorruptImageException(
          file.name(), 0, overlap + ": it can be read, and not written");
    }
    SparseExtent extent = new SparseExtent(file, header, parent, extentCount);
    extent.recover();
    return extent;
  }

  ImageFile file() {
    return file;
  }

  // Tables.

  long tableOf(long directory, long index) throws IOException {
    long position = directory * SECTOR + index * 4;
    long table = tables.getInt(position) * SECTOR;
    if (table != 0 && !header.mayHaveTable(table, end)) {
      throw new CorruptImageException(
          file.name(), position, "a grain table is not inside the file, or over its metadata");
    }
    return table;
  }

  @Override
  protected boolean isAtHand(long at) throws IOException {
    long grain = at / blockBytes();
    long index = grain / header.entriesPerTable();
    if (!tables.has(header.grainDirectory() * SECTOR + index * 4)) {
      return false;
    }
    long table = tableOf(header.grainDirectory(), index);
    return table == 0 || tables.has(table + grain % header.entriesPerTable() * 4);
  }

  /** Where there is no table, all its grains are passed at once: a disk may have billions. */
  @Override
  protected long spanAt(long at) throws IOException {
    long tableSpan = blockBytes() * header.entriesPerTable();
    boolean isTableMissing = tableOf(header.grainDirectory(), at / tableSpan) == 0;
    return isTableMissing ? upToCurrent(at, tableSpan - at % tableSpan) : super.spanAt(at);
  }

  @Override
  protected long spanAt(long at, long limit) throws IOException {
    long span = nextEntry(at, at + limit) - at;
    return span <= 0 ? super.spanAt(at) : upToCurrent(at, span);
  }

  /**
   * The start of the first grain from a place on that has an entry other than zero, or a place at
   * or behind the end. What is a hole of the directory or of a table is passed at once.
   */
  private long nextEntry(long from, long end) throws IOException {
    long tableSpan = blockBytes() * header.entriesPerTable();
    long directory = header.grainDirectory() * SECTOR;
    long at = from;
    while (at < end) {
      long index = at / tableSpan;
      long table = tableOf(header.grainDirectory(), index);
      if (table == 0) {
        long last = Math.min(header.directoryEntries(), (end - 1) / tableSpan + 1);
        long next = tables.skipZeros(directory + index * 4, directory + last * 4);
        at = (next - directory) / 4 * tableSpan;
      } else {
        long start = index * tableSpan;
        long grain = (at - start) / blockBytes();
        long last = Math.min(header.entriesPerTable(), (end - 1 - start) / blockBytes() + 1);
        long next = (tables.skipZeros(table + grain * 4, table + last * 4) - table) / 4;
        at = start + next * blockBytes();
        if (next < last) {
          return at;
        }
      }
    }
    return at;
  }

  /** A grain that is not packed yet is in no table. */
  private long upToCurrent(long at, long span) throws IOException {
    long start = current * blockBytes();
    if (!isCurrentDirty || start + blockBytes() <= at || start >= at + span) {
      return span;
    }
    return start <= at ? super.spanAt(at) : start - at;
  }

  /** The indexes at which one of the directories has a grain table. */
  EntriesInUse tablesInUse() throws IOException {
    boolean isRedundant = header.has(SparseHeader.FLAG_REDUNDANT);
    return new EntriesInUse(
        tables,
        header.grainDirectory() * SECTOR,
        isRedundant ? header.redundantDirectory() * SECTOR : 0,
        header.directoryEntries());
  }

  @Override
  protected boolean isFirstWriteDone() {
    return isChanged;
  }

  @Override
  protected long find(long at) throws IOException {
    long grain = at / blockBytes();
    if (grain == current && isCurrentDirty) {
      return ENCODED;
    }
    long table = tableOf(header.grainDirectory(), grain / header.entriesPerTable());
    if (table == 0) {
      return UNALLOCATED;
    }
    long entryPosition = table + grain % header.entriesPerTable() * 4;
    long entry = tables.getInt(entryPosition);
    if (entry == 0) {
      return UNALLOCATED;
    }
    if (entry == ENTRY_ZERO && header.has(SparseHeader.FLAG_ZERO_GRAINS)) {
      return ZERO;
    }
    if (entry < header.overhead()
        || entry * SECTOR >= end
        || header.isFixed(entry, grains == null ? header.grainSectors() : 1)) {
      throw new CorruptImageException(
          file.name(), entryPosition, "a grain lies at sector %d".formatted(entry));
    }
    return grains != null ? ENCODED : entry * SECTOR + at % blockBytes();
  }

  @Override
  protected long reserve() throws IOException {
    long position = roundUp(end, blockBytes());
    extend(position + blockBytes());
    return position;
  }

  /** Cuts off what lies behind the last grain, durably: it must not come back as a new grain's. */
  void truncate(long newEnd) throws IOException {
    lock.lock();
    try {
      end = roundUp(newEnd, SECTOR);
      file.setSize(end);
      file.flush();
    } finally {
      lock.unlock();
    }
  }

  private void extend(long newEnd) throws IOException {
    if (newEnd > MAX_FILE_BYTES) {
      throw new IOException(file.name() + " is full: a sparse extent ends at 2 TiB");
    }
    file.setSize(newEnd);
    end = newEnd;
  }

  @Override
  protected void assign(long grain, long position) throws IOException {
    setEntry(grain, position / SECTOR);
  }

  @Override
  protected boolean assignZero(long grain) throws IOException {
    if (!header.has(SparseHeader.FLAG_ZERO_GRAINS)) {
      return false;
    }
    if (grain == current) {
      current = -1;
      isCurrentDirty = false;
    }
    setEntry(grain, ENTRY_ZERO);
    return true;
  }

  private void setEntry(long grain, long entry) throws IOException {
    if (header.has(SparseHeader.FLAG_REDUNDANT)) {
      setEntry(header.redundantDirectory(), grain, entry);
    }
    setEntry(header.grainDirectory(), grain, entry);
  }

  private void setEntry(long directory, long grain, long entry) throws IOException {
    long index = grain / header.entriesPerTable();
    long table = tableOf(directory, index);
    if (table == 0) {
      table = roundUp(end, SECTOR);
      extend(table + header.tableBytes());
      tables.putInt(directory * SECTOR + index * 4, table / SECTOR);
    }
    tables.putInt(table + grain % header.entriesPerTable() * 4, entry);
  }

  /**
   * Notes durably, before the first change, that the extent is in use. One that ends with a footer
   * cannot grow past it, so its header takes over what the footer says.
   */
  @Override
  protected void beforeWrite() throws IOException {
    if (isChanged) {
      return;
    }
    if (header.headerOffset() != 0) {
      file.write(0, header.bytes());
    }
    setUncleanShutdown(1);
    file.flush();
    isChanged = true;
  }

  private void copyTables() throws IOException {
    EntriesInUse indexes = tablesInUse();
    for (long index = indexes.next(); index >= 0; index = indexes.next()) {
      if (isCrowded()) {
        writeBack();
      }
      long table = tableOf(header.grainDirectory(), index);
      long copy = tableOf(header.redundantDirectory(), index);
      if (table == 0 || copy == 0) {
        continue;
      }
      EntriesInUse grains = new EntriesInUse(tables, table, copy, header.entriesPerTable());
      for (long grain = grains.next(); grain >= 0; grain = grains.next()) {
        long entry = tables.getInt(table + grain * 4);
        if (tables.getInt(copy + grain * 4) != entry) {
          tables.putInt(copy + grain * 4, entry);
        }
      }
    }
  }

  private void setUncleanShutdown(int value) throws IOException {
    file.write(SparseHeader.UNCLEAN_SHUTDOWN_FIELD, ByteBuffer.wrap(new byte[] {(byte) value}));
  }

  /** When power failed, some redundant tables may not have got what the others did. */
  private void recover() throws IOException {
    ByteBuffer unclean = ByteBuffer.allocate(1);
    file.read(SparseHeader.UNCLEAN_SHUTDOWN_FIELD, unclean);
    if (unclean.get(0) != 0 && header.has(SparseHeader.FLAG_REDUNDANT) && !isReadOnly()) {
      copyTables();
      flush();
      isChanged = true;
    }
  }

  @Override
  protected boolean isCrowded() {
    return tables.isCrowded();
  }

  @Override
  protected void writeBack() throws IOException {
    packCurrent();
    if (tables.isDirty()) {
      file.flush();
      tables.writeDirty();
    }
  }

  /**
   * Makes the extent larger: new directories with tables for all of it come to the end, durably,
   * before the header leads there by one sector's write.
   */
  @Override
  public void resize(long bytes) throws IOException {
    checkWritable();
    lock.lock();
    try {
      beforeWrite();
      writeBack();
      SparseHeader old = header;
      boolean isRedundant = old.has(SparseHeader.FLAG_REDUNDANT);
      SparseHeader larger =
          old.grown(bytes / SECTOR, old.redundantDirectory(), old.grainDirectory());
      if (larger.directoryEntries() > old.directoryEntries()) {
        long redundant = isRedundant ? copyDirectory(old.redundantDirectory(), larger) : 0;
        long directory = copyDirectory(old.grainDirectory(), larger);
        larger = old.grown(bytes / SECTOR, redundant / SECTOR, directory / SECTOR);
      }
      file.flush();
      ByteBuffer sector = larger.bytes();
      sector.put(SparseHeader.UNCLEAN_SHUTDOWN_FIELD, (byte) 1);
      file.write(0, sector);
      file.flush();
      header = larger;
      setSizeBytes(bytes);
    } finally {
      lock.unlock();
    }
  }

  /** Copies a directory to the end, with new tables behind it for what it has none for. */
  private long copyDirectory(long directory, SparseHeader larger) throws IOException {
    int oldEntries = (int) header.directoryEntries();
    int entries = (int) larger.directoryEntries();
    long position = roundUp(end, SECTOR);
    long directoryBytes = roundUp(entries * 4L, SECTOR);
    ByteBuffer copy = ByteBuffer.allocate((int) directoryBytes).order(ByteOrder.LITTLE_ENDIAN);
    file.read(directory * SECTOR, copy.limit(oldEntries * 4));
    copy.clear();
    long table = position + directoryBytes;
    for (int i = 0; i < entries; i++) {
      if (copy.getInt(i * 4) == 0) {
        copy.putInt(i * 4, (int) (table / SECTOR));
        table += header.tableBytes();
      }
    }
    extend(table);
    file.write(position, copy);
    return position;
  }

  // Compressed grains.

  @Override
  protected boolean isEncodedOnWrite() {
    return grains != null;
  }

  @Override
  protected void readEncoded(long at, IoVector target) throws IOException {
    byte[] grain = load(at / blockBytes());
    target.copyFrom(0, grain, (int) (at % blockBytes()), (int) target.bytes());
  }

  @Override
  protected void writeEncoded(long at, IoVector source) throws IOException {
    byte[] grain = load(at / blockBytes());
    isCurrentDirty = true;
    source.copyTo(0, grain, (int) (at % blockBytes()), (int) source.bytes());
  }

  private byte[] load(long grain) throws IOException {
    CompressedGrains packed = java.util.Objects.requireNonNull(grains);
    if (grain == current) {
      return packed.grain();
    }
    packCurrent();
    current = -1;
    long at = grain * blockBytes();
    if (find(at) == ENCODED) {
      long table = tableOf(header.grainDirectory(), grain / header.entriesPerTable());
      long entry = tables.getInt(table + grain % header.entriesPerTable() * 4);
      packed.read(entry * SECTOR, at / SECTOR, (int) Math.min(blockBytes(), sizeBytes() - at));
    } else {
      java.util.Arrays.fill(packed.grain(), (byte) 0);
    }
    current = grain;
    return packed.grain();
  }

  private void packCurrent() throws IOException {
    if (grains == null || !isCurrentDirty) {
      return;
    }
    long position = end;
    var packed = grains.pack(current * header.grainSectors());
    extend(position + packed.remaining());
    file.write(position, packed);
    assign(current, position);
    isCurrentDirty = false;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      if (!isReadOnly()) {
        flush();
        if (isChanged) {
          setUncleanShutdown(0);
          file.flush();
        }
      }
    } finally {
      if (grains != null) {
        grains.close();
      }
    }
  }

  static long roundUp(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }
}
