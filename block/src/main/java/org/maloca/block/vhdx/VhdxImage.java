package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.table.MappedDisk;
import org.maloca.block.table.PageCache;
import org.maloca.core.backend.BlockBackend;

/**
 * VHDX, Hyper-V's disk since 2012, after Microsoft's [MS-VHDX]. All numbers are little-endian.
 *
 * <pre>
 *        0  "vhdxfile" and who made it
 *   64 KiB  header 1 ┐ the one with the greater sequence number counts: where the log lies, and
 *  128 KiB  header 2 ┘ whether it has something to replay               ({@link VhdxHeaders})
 *  192 KiB  region table, and a copy at 256 KiB                         ({@link VhdxRegions})
 *   then, in whole MiB and in any order:
 *           log                                          ({@link VhdxLog}, {@link VhdxReplay})
 *           metadata: sizes, identity, where the parent is             ({@link VhdxMetadata})
 *           block allocation table (BAT)
 *           blocks of data, 1 to 256 MiB; blocks of sector bitmaps, 1 MiB
 * </pre>
 *
 * <p>A BAT entry is a state in bits 0 to 2 and a place in the file, in MiB, in bits 20 to 63. After
 * the entries of each <em>chunk</em>, 2^23 sectors of the disk, comes that of the chunk's sector
 * bitmap, which a difference uses: a block that is partially present has the sectors whose bit is
 * 1, and the parent has the others.
 *
 * <p>Structures are changed through the log alone, which is replayed at opening. Safe for several
 * threads.
 */
public final class VhdxImage extends MappedDisk implements DiskImage {
  static final int MIB = 1 << 20;
  static final long SIGNATURE = 0x656c_6966_7864_6876L; // "vhdxfile"
  private static final long CHUNK_SECTORS = 1L << 23;
  private static final int CACHED_PAGES = 1024;

  final VhdxHeaders headers;
  final VhdxRegions regions;
  final VhdxMetadata metadata;
  final PageCache tables;
  private final long chunkBlocks;
  private @Nullable VhdxLog log;
  private boolean isChanged;
  private long end;

  private VhdxImage(
      ImageFile file,
      @Nullable BlockBackend parent,
      VhdxHeaders headers,
      VhdxRegions regions,
      VhdxMetadata metadata)
      throws IOException {
    super(file, parent, metadata.sizeBytes(), metadata.blockBytes());
    this.headers = headers;
    this.regions = regions;
    this.metadata = metadata;
    tables = new PageCache(file, VhdxLog.SECTOR, CACHED_PAGES, ByteOrder.LITTLE_ENDIAN);
    chunkBlocks = CHUNK_SECTORS * metadata.logicalSectorBytes() / metadata.blockBytes();
    end = (file.size() + MIB - 1) / MIB * MIB;
  }

  /** Whether a file begins as a VHDX does. */
  public static boolean matches(ImageFile file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.read(0, first);
    return first.getLong(0) == SIGNATURE;
  }

  /**
   * What an image says of its parent without being opened: keys as {@code relative_path} and {@code
   * absolute_win32_path}, and their values; empty without a parent.
   */
  public static Map<String, String> parentLocator(ImageFile file) throws IOException {
    return VhdxMetadata.read(file, VhdxRegions.read(file)).locator();
  }

  /**
   * Opens an image, which owns the file and the parent and closes them. A log that has something to
   * replay is replayed, for which the file must be writable.
   *
   * @param parent the disk that a difference is to, exactly when the image is a difference
   * @throws CorruptImageException when the file breaks a rule of the format
   */
  public static VhdxImage open(ImageFile file, @Nullable BlockBackend parent) throws IOException {
    if (!matches(file)) {
      throw new CorruptImageException(file.name(), 0, "a VHDX begins with vhdxfile");
    }
    VhdxHeaders headers = VhdxHeaders.read(file);
    if (!headers.logGuid().equals(Guid.NONE)) {
      replay(file, headers);
    }
    VhdxRegions regions = VhdxRegions.read(file);
    VhdxMetadata metadata = VhdxMetadata.read(file, regions);
    checkParent(file, metadata, parent);
    VhdxImage image = new VhdxImage(file, parent, headers, regions, metadata);
    image.checkBatSize(metadata.sizeBytes());
    return image;
  }

  private static void replay(ImageFile file, VhdxHeaders headers) throws IOException {
    VhdxReplay replay = new VhdxReplay(file, headers);
    if (file.isReadOnly()) {
      if (replay.isNeeded()) {
        throw new IOException(
            file.name() + " was not closed and has a log to replay: open it for writing once");
      }
      return;
    }
    replay.replay();
    headers.setLogGuid(Guid.NONE);
  }

  private static void checkParent(
      ImageFile file, VhdxMetadata metadata, @Nullable BlockBackend parent) throws IOException {
    if (metadata.hasParent() != (parent != null)) {
      throw new IOException(
          parent == null
              ? file.name() + " is a difference to a parent, which was not given"
              : file.name() + " has no parent");
    }
    if (metadata.hasParent()
        && metadata.logicalSectorBytes() != SECTOR_BYTES
        && !file.isReadOnly()) {
      throw new IOException(
          file.name() + " is a difference of 4 KiB sectors, which can only be read");
    }
    if (parent instanceof VhdxImage image) {
      String linkage = VhdxMetadata.linkage(image.contentId());
      if (!linkage.equalsIgnoreCase(metadata.locator().get("parent_linkage"))
          && !linkage.equalsIgnoreCase(metadata.locator().get("parent_linkage2"))) {
        throw new IOException(
            "%s is a difference to another state of %s".formatted(file.name(), image.name()));
      }
    }
  }

  /** What a child keeps of this image, to know it again. */
  public UUID contentId() {
    return headers.dataWriteGuid();
  }

  private void checkBatSize(long sizeBytes) throws IOException {
    long entries = Bat.count(sizeBytes, blockBytes(), chunkBlocks, metadata.hasParent());
    if (entries * 8 > regions.batLength()) {
      throw new CorruptImageException(
          file.name(),
          regions.batOffset(),
          "a table of %d entries does not fit into its region".formatted(entries));
    }
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.VHDX;
  }

  @Override
  public String name() {
    return file.name();
  }

  // The table.

  long chunkBlocks() {
    return chunkBlocks;
  }

  long entryPosition(long block) {
    return regions.batOffset() + (block + block / chunkBlocks) * 8;
  }

  /**
   * The index of the first entry of the BAT from one on that is not zero, as entries of blocks that
   * are not present are, or the end.
   */
  long nextEntry(long index, long end) throws IOException {
    long start = regions.batOffset();
    return (tables.skipZeros(start + index * 8, start + end * 8) - start) / 8;
  }

  long bitmapEntryPosition(long chunk) {
    return regions.batOffset() + (chunk * (chunkBlocks + 1) + chunkBlocks) * 8;
  }

  @Override
  protected long find(long at) throws IOException {
    long entryPosition = entryPosition(at / blockBytes());
    long entry = tables.getLong(entryPosition);
    return switch (Bat.state(entry)) {
      case Bat.NOT_PRESENT -> UNALLOCATED;
      case Bat.UNDEFINED, Bat.ZERO, Bat.UNMAPPED -> ZERO;
      case Bat.FULLY_PRESENT -> place(entry, entryPosition, blockBytes()) + at % blockBytes();
      case Bat.PARTIALLY_PRESENT -> {
        long position = place(entry, entryPosition, blockBytes()) + at % blockBytes();
        yield isPresent(at) ? position : UNALLOCATED;
      }
      default ->
          throw new CorruptImageException(
              file.name(), entryPosition, "a block has state " + Bat.state(entry));
    };
  }

  /** The place of a block or bitmap, which must be apart from all structures. */
  long place(long entry, long entryPosition, long length) throws IOException {
    long position = Bat.position(entry);
    if (position < MIB
        || position > end - length
        || overlaps(position, length, headers.logOffset(), headers.logLength())
        || overlaps(position, length, regions.batOffset(), regions.batLength())
        || overlaps(position, length, regions.metadataOffset(), regions.metadataLength())) {
      throw new CorruptImageException(
          file.name(),
          entryPosition,
          "a block of %d bytes lies at %d: outside of the file or over a structure"
              .formatted(length, position));
    }
    return position;
  }

  private static boolean overlaps(long a, long aLength, long b, long bLength) {
    return a < b + bLength && b < a + aLength;
  }

  private boolean isPresent(long at) throws IOException {
    long sector = at / metadata.logicalSectorBytes();
    int bits = tables.getByte(bitmap(sector / CHUNK_SECTORS) + sector % CHUNK_SECTORS / 8);
    return (bits >> (sector & 7) & 1) != 0;
  }

  private long bitmap(long chunk) throws IOException {
    long entryPosition = bitmapEntryPosition(chunk);
    long entry = tables.getLong(entryPosition);
    if (parent == null || Bat.state(entry) != Bat.BITMAP_PRESENT) {
      throw new CorruptImageException(
          file.name(), entryPosition, "a block is partially present and has no bitmap");
    }
    return place(entry, entryPosition, MIB);
  }

  /** Bitmaps, which differences need, are the worker's. */
  @Override
  protected boolean isAtHand(long at) throws IOException {
    long entryPosition = entryPosition(at / blockBytes());
    return tables.has(entryPosition)
        && Bat.state(tables.getLong(entryPosition)) != Bat.PARTIALLY_PRESENT;
  }

  @Override
  protected boolean hasRoomForAll() {
    return metadata.isFixed();
  }

  @Override
  protected boolean isFirstWriteDone() {
    return isChanged;
  }

  @Override
  protected long spanAt(long at, long limit) throws IOException {
    long first = at / blockBytes();
    long last = (at + limit - 1) / blockBytes();
    long found = nextEntry(first + first / chunkBlocks, last + last / chunkBlocks + 1);
    long chunk = found / (chunkBlocks + 1);
    long block = chunk * chunkBlocks + Math.min(chunkBlocks, found % (chunkBlocks + 1));
    return block <= first ? spanAt(at) : block * blockBytes() - at;
  }

  @Override
  protected long spanAt(long at) throws IOException {
    long span = super.spanAt(at);
    if (Bat.state(tables.getLong(entryPosition(at / blockBytes()))) != Bat.PARTIALLY_PRESENT) {
      return span;
    }
    boolean isPresent = isPresent(at);
    int sectorBytes = metadata.logicalSectorBytes();
    long length = sectorBytes - at % sectorBytes;
    while (length < span && isPresent(at + length) == isPresent) {
      length += sectorBytes;
    }
    return length;
  }

  @Override
  protected long reserve() throws IOException {
    return reserve(blockBytes());
  }

  private long reserve(long bytes) throws IOException {
    long position = end;
    file.setSize(position + bytes);
    end = position + bytes;
    return position;
  }

  @Override
  protected boolean isCopiedOnWrite() {
    return false;
  }

  @Override
  protected void assign(long block, long position) throws IOException {
    tables.putLong(entryPosition(block), position | Bat.FULLY_PRESENT);
  }

  @Override
  protected long allocate(long at) throws IOException {
    long block = at / blockBytes();
    long entry = tables.getLong(entryPosition(block));
    int state = Bat.state(entry);
    if (parent == null || state != Bat.NOT_PRESENT && state != Bat.PARTIALLY_PRESENT) {
      return super.allocate(at);
    }
    if (state == Bat.NOT_PRESENT) {
      clearBits(block);
      entry = reserve() | Bat.PARTIALLY_PRESENT;
      tables.putLong(entryPosition(block), entry);
    }
    return Bat.position(entry) + at % blockBytes();
  }

  /**
   * Makes sure that there is a bitmap, and that it says nothing of a block that becomes present.
   */
  private void clearBits(long block) throws IOException {
    long chunk = block / chunkBlocks;
    long entryPosition = bitmapEntryPosition(chunk);
    if (Bat.state(tables.getLong(entryPosition)) != Bat.BITMAP_PRESENT) {
      tables.putLong(entryPosition, reserve(MIB) | Bat.BITMAP_PRESENT);
      return;
    }
    long bytes = blockBytes() / SECTOR_BYTES / 8;
    long start = bitmap(chunk) + block % chunkBlocks * bytes;
    for (long i = 0; i < bytes; i++) {
      if (tables.getByte(start + i) != 0) {
        tables.putByte(start + i, 0);
      }
    }
  }

  @Override
  protected void afterWrite(long at, long length) throws IOException {
    if (parent == null) {
      return;
    }
    lock.lock();
    try {
      for (long done = 0; done < length; ) {
        long block = (at + done) / blockBytes();
        long part = Math.min(length - done, super.spanAt(at + done));
        if (Bat.state(tables.getLong(entryPosition(block))) == Bat.PARTIALLY_PRESENT) {
          setBits((at + done) / SECTOR_BYTES, part / SECTOR_BYTES);
        }
        done += part;
      }
    } finally {
      lock.unlock();
    }
  }

  private void setBits(long first, long count) throws IOException {
    long bitmap = bitmap(first / CHUNK_SECTORS);
    for (long sector = first; sector < first + count; ) {
      long position = bitmap + sector % CHUNK_SECTORS / 8;
      int from = (int) (sector & 7);
      int to = (int) Math.min(8, from + first + count - sector);
      int bits = (1 << to) - (1 << from);
      int before = tables.getByte(position);
      if ((before & bits) != bits) {
        tables.putByte(position, before | bits);
      }
      sector += to - from;
    }
  }

  @Override
  protected boolean assignZero(long block) throws IOException {
    long position = entryPosition(block);
    if (Bat.state(tables.getLong(position)) != Bat.NOT_PRESENT) {
      return false;
    }
    tables.putLong(position, Bat.ZERO);
    return true;
  }

  // Changing the file.

  @Override
  protected void beforeWrite() throws IOException {
    if (!isChanged) {
      headers.renewIds();
      headers.write();
      isChanged = true;
    }
  }

  @Override
  protected boolean isCrowded() {
    return tables.dirtyPages() >= VhdxLog.MAX_PAGES;
  }

  @Override
  protected void writeBack() throws IOException {
    if (!tables.isDirty()) {
      return;
    }
    if (headers.logLength() < MIB) {
      throw new IOException(file.name() + " has no log, without which it cannot be changed");
    }
    VhdxLog current = log;
    if (current == null) {
      current = new VhdxLog(file, headers);
      log = current;
    }
    if (file.size() < end) {
      // A loss of power left a part of the last MiB, and a replay wants what the log tells of.
      file.setSize(end);
    }
    current.write(tables, end);
  }

  @Override
  public void resize(long bytes) throws IOException {
    checkWritable();
    int sectorBytes = metadata.logicalSectorBytes();
    if (bytes < 0 || bytes > VhdxMetadata.MAX_DISK_BYTES || bytes % sectorBytes != 0) {
      throw new IOException(
          "a VHDX has at most 64 TiB, here in steps of %d bytes, and not %d"
              .formatted(sectorBytes, bytes));
    }
    lock.lock();
    try {
      if (bytes < sizeBytes()) {
        throw new UnsupportedOperationException("a VHDX can only be made larger");
      }
      long entries = Bat.count(bytes, blockBytes(), chunkBlocks, metadata.hasParent());
      if (entries * 8 > regions.batLength()) {
        throw new UnsupportedOperationException(
            "the VHDX's table has no room for more blocks: convert it to a larger one");
      }
      beforeWrite();
      forgetEntries((sizeBytes() + blockBytes() - 1) / blockBytes(), entries);
      tables.putLong(metadata.sizePosition(), bytes);
      writeBack();
      file.flush();
      setSizeBytes(bytes);
    } finally {
      lock.unlock();
    }
  }

  /** Clears what lies in the table where the entries of blocks are to be that were not there. */
  private void forgetEntries(long firstBlock, long entries) throws IOException {
    long entry = firstBlock + firstBlock / chunkBlocks;
    for (long index = nextEntry(entry, entries);
        index < entries;
        index = nextEntry(index + 1, entries)) {
      long chunk = index / (chunkBlocks + 1);
      boolean isBitmapInUse =
          index % (chunkBlocks + 1) == chunkBlocks && chunk * chunkBlocks < firstBlock;
      if (!isBitmapInUse) {
        tables.putLong(regions.batOffset() + index * 8, 0);
      }
      if (isCrowded()) {
        writeBack();
      }
    }
  }

  @Override
  public void adoptParent() throws IOException {
    if (!(parent instanceof VhdxImage image)) {
      return;
    }
    checkWritable();
    byte[] linkage = VhdxMetadata.linkage(image.contentId()).getBytes(StandardCharsets.UTF_16LE);
    lock.lock();
    try {
      long position = VhdxMetadata.linkagePosition(file, regions, linkage.length);
      if (!isChanged) {
        // Differences to this image go on to know it.
        headers.renewFileId();
        headers.write();
      }
      for (int i = 0; i < linkage.length; i++) {
        tables.putByte(position + i, linkage[i]);
      }
      writeBack();
      file.flush();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CheckReport check(Repair repair) throws IOException {
    flush();
    lock.lock();
    try {
      return new VhdxCheck(this, file, repair).run();
    } finally {
      lock.unlock();
    }
  }

  /** Cuts off what no block uses, durably. */
  void truncate(long newEnd) throws IOException {
    file.setSize(newEnd);
    file.flush();
    end = newEnd;
  }

  @Override
  public ImageInfo info() throws IOException {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("fixed", metadata.isFixed());
    details.put("logical sector size", metadata.logicalSectorBytes());
    details.put("physical sector size", metadata.physicalSectorBytes());
    details.put("disk id", metadata.diskId().toString());
    details.put("log size", headers.logLength());
    details.putAll(metadata.locator());
    String path =
        metadata
            .locator()
            .getOrDefault(
                "relative_path", metadata.locator().getOrDefault("absolute_win32_path", ""));
    return new ImageInfo(
        sizeBytes(),
        file.allocatedBytes(),
        metadata.blockBytes(),
        metadata.hasParent() ? new ImageInfo.Backing(path, ImageFormat.VHDX) : null,
        java.util.List.of(),
        details);
  }

  @Override
  public void close() throws IOException {
    try (parent;
        file) {
      if (!isReadOnly()) {
        flush();
        if (log != null) {
          log.close();
        }
      }
    }
  }
}
