package org.maloca.block.vhd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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
 * VHD, the disk of Virtual PC and of Hyper-V before 2012 (QEMU calls it {@code vpc}), after
 * Microsoft's "Virtual Hard Disk Image Format Specification" 1.0. All numbers are big-endian.
 *
 * <pre>
 *   fixed                       dynamic and differencing
 *   the disk as it is           copy of the footer
 *   footer                      dynamic disk header           ({@link DynamicHeader})
 *                               block allocation table: a 32-bit sector number for each block
 *                               parent locators               (differencing)
 *                               blocks: sector bitmap, then the data, 2 MiB as a rule
 *                               footer                        ({@link Footer})
 * </pre>
 *
 * <p>An entry of 0xffffffff says that the block is not there. In a difference the block's bitmap
 * (highest bit first) tells which sectors are the child's. In a dynamic disk all bits are set when
 * a block is made, and are not looked at.
 *
 * <p>A new block is put where the footer was, and the footer behind it; should power fail between,
 * the copy at the start is still there. Safe for several threads.
 */
public final class VhdImage extends MappedDisk implements DiskImage {
  /** 2040 GiB, the specification's limit. */
  public static final long MAX_DISK_BYTES = 2040L << 30;

  static final long FREE = 0xffff_ffffL;
  private static final int SECTOR = 512;
  private static final int CACHED_PAGES = 8192;
  private static final int SCAN_BYTES = 1 << 16;
  private static final long FIXED_BLOCK_BYTES = 1L << 30;
  private static final long MAX_SECTOR = 0xffff_fffeL;

  private final Footer footer;
  private final @Nullable DynamicHeader header;
  private final PageCache tables;
  private final int bitmapBytes;
  private long end;
  private boolean isFooterMissing;

  private VhdImage(
      ImageFile file,
      @Nullable BlockBackend parent,
      Footer footer,
      @Nullable DynamicHeader header,
      long end)
      throws IOException {
    super(
        file, parent, footer.sizeBytes(), header == null ? FIXED_BLOCK_BYTES : header.blockBytes());
    this.footer = footer;
    this.header = header;
    this.end = end;
    tables = new PageCache(file, SECTOR, CACHED_PAGES, ByteOrder.BIG_ENDIAN);
    bitmapBytes = (int) Math.max(SECTOR, blockBytes() / SECTOR / 8);
  }

  /** Whether a file begins with a VHD's footer, or ends with a whole one. */
  public static boolean matches(ImageFile file) throws IOException {
    return Footer.readAt(file, 0) != null || Footer.readAt(file, file.size() - SECTOR) != null;
  }

  /**
   * What an image says of its parent without being opened: {@code relative}, {@code absolute} and
   * {@code name} to paths; empty without a parent.
   */
  public static Map<String, String> parentLocators(ImageFile file) throws IOException {
    Footer footer = Footer.readAt(file, 0);
    if (footer == null || footer.type() != Footer.TYPE_DIFFERENCE) {
      return Map.of();
    }
    DynamicHeader header = DynamicHeader.read(file, footer);
    Map<String, String> paths = header.locators(file);
    paths.put("name", header.parentName());
    return paths;
  }

  /**
   * Opens an image, which owns the file and the parent and closes them.
   *
   * @param parent the disk that a difference is to, exactly when the image is a difference
   * @throws CorruptImageException when the file breaks a rule of the format
   */
  public static VhdImage open(ImageFile file, @Nullable BlockBackend parent) throws IOException {
    long last = file.size() - SECTOR;
    Footer atEnd = Footer.readAt(file, last);
    Footer atStart = Footer.readAt(file, 0);
    Footer footer = atEnd != null ? atEnd : atStart;
    if (footer == null) {
      throw new CorruptImageException(file.name(), Math.max(0, last), "there is no whole footer");
    }
    footer.validate(file, atEnd != null ? last : 0);
    boolean isDifference = footer.type() == Footer.TYPE_DIFFERENCE;
    if (isDifference != (parent != null)) {
      throw new IOException(
          isDifference
              ? file.name() + " is a difference to a parent, which was not given"
              : file.name() + " has no parent");
    }
    if (footer.type() == Footer.TYPE_FIXED) {
      if (atEnd == null || footer.sizeBytes() > last) {
        throw new CorruptImageException(
            file.name(), Math.max(0, last), "the file is too short for its disk");
      }
      return new VhdImage(file, null, footer, null, last);
    }
    DynamicHeader header = DynamicHeader.read(file, footer);
    if (parent instanceof VhdImage image && !image.id().equals(header.parentId())) {
      throw new IOException(
          "%s is a difference to another disk than %s".formatted(file.name(), image.name()));
    }
    long end = atEnd != null ? last : (file.size() + SECTOR - 1) / SECTOR * SECTOR;
    VhdImage image = new VhdImage(file, parent, footer, header, end);
    image.isFooterMissing = atEnd == null;
    image.scan(null);
    return image;
  }

  /** Creates a disk in an empty file. */
  public static void create(ImageFile file, VhdOptions options) throws IOException {
    VhdCreation.create(file, options);
  }

  /** The disk's identity, by which differences know it. */
  public UUID id() {
    return footer.id();
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.VHD;
  }

  @Override
  public String name() {
    return file.name();
  }

  private DynamicHeader header() {
    return java.util.Objects.requireNonNull(header);
  }

  /** Looks at all entries: with a check, telling it; without, refusing the first wrong one. */
  private void scan(@Nullable VhdCheck check) throws IOException {
    long entries = header().entries();
    ByteBuffer chunk = ByteBuffer.allocate(SCAN_BYTES);
    for (long block = 0; block < entries; ) {
      int length = (int) Math.min(SCAN_BYTES / 4, entries - block);
      file.read(header().tableOffset() + block * 4, chunk.clear().limit(length * 4));
      for (int i = 0; i < length; i++) {
        long entry = chunk.getInt(i * 4) & 0xffff_ffffL;
        if (entry == FREE) {
          continue;
        }
        long position = entryPosition(block + i);
        if (check != null) {
          check.entry(position, entry * SECTOR, isPlace(entry * SECTOR));
        } else {
          place(entry, position);
        }
      }
      block += length;
    }
  }

  private long entryPosition(long block) {
    return header().tableOffset() + block * 4;
  }

  private boolean isPlace(long position) {
    long length = bitmapBytes + blockBytes();
    long table = header().tableOffset();
    return position >= SECTOR
        && position <= end - length
        && !overlaps(position, length, footer.dataOffset(), DynamicHeader.BYTES)
        && !overlaps(position, length, table, header().entries() * 4);
  }

  private static boolean overlaps(long a, long aLength, long b, long bLength) {
    return a < b + bLength && b < a + aLength;
  }

  private long place(long entry, long entryPosition) throws IOException {
    long position = entry * SECTOR;
    if (!isPlace(position)) {
      throw new CorruptImageException(
          file.name(),
          entryPosition,
          "a block lies at %d: outside of the file or over a structure".formatted(position));
    }
    return position;
  }

  @Override
  protected long find(long at) throws IOException {
    if (header == null) {
      return at;
    }
    long entryPosition = entryPosition(at / blockBytes());
    long entry = tables.getInt(entryPosition);
    if (entry == FREE) {
      return UNALLOCATED;
    }
    long position = place(entry, entryPosition);
    return parent == null || isPresent(position, at)
        ? position + bitmapBytes + at % blockBytes()
        : UNALLOCATED;
  }

  private boolean isPresent(long bitmap, long at) throws IOException {
    long sector = at % blockBytes() / SECTOR;
    return (tables.getByte(bitmap + sector / 8) << (sector & 7) & 0x80) != 0;
  }

  /** Bitmaps, which differences need, are the worker's. */
  @Override
  protected boolean isAtHand(long at) {
    return header == null || parent == null && tables.has(entryPosition(at / blockBytes()));
  }

  @Override
  protected boolean hasRoomForAll() {
    return header == null;
  }

  @Override
  protected long spanAt(long at) throws IOException {
    long span = super.spanAt(at);
    if (parent == null) {
      return span;
    }
    long entry = tables.getInt(entryPosition(at / blockBytes()));
    if (entry == FREE) {
      return span;
    }
    boolean isPresent = isPresent(entry * SECTOR, at);
    long length = SECTOR - at % SECTOR;
    while (length < span && isPresent(entry * SECTOR, at + length) == isPresent) {
      length += SECTOR;
    }
    return length;
  }

  @Override
  protected boolean isCopiedOnWrite() {
    return false;
  }

  /** Takes the footer's place, and writes the bitmap over it at once: nothing refers to it yet. */
  @Override
  protected long reserve() throws IOException {
    long position = end;
    long newEnd = position + bitmapBytes + blockBytes();
    if (newEnd / SECTOR > MAX_SECTOR) {
      throw new IOException(file.name() + " is full: a VHD ends at 2 TiB");
    }
    file.setSize(newEnd + SECTOR);
    byte[] bitmap = new byte[bitmapBytes];
    Arrays.fill(bitmap, (byte) (parent == null ? -1 : 0));
    file.write(position, ByteBuffer.wrap(bitmap));
    end = newEnd;
    isFooterMissing = true;
    return position;
  }

  @Override
  protected void assign(long block, long position) throws IOException {
    tables.putInt(entryPosition(block), position / SECTOR);
  }

  @Override
  protected long allocate(long at) throws IOException {
    long block = at / blockBytes();
    long entry = tables.getInt(entryPosition(block));
    long position = entry * SECTOR;
    if (entry == FREE) {
      position = reserve();
      assign(block, position);
    }
    return position + bitmapBytes + at % blockBytes();
  }

  @Override
  protected void afterWrite(long at, long length) throws IOException {
    if (parent == null) {
      return;
    }
    lock.lock();
    try {
      for (long sectorAt = at; sectorAt < at + length; sectorAt += SECTOR) {
        long bitmap = tables.getInt(entryPosition(sectorAt / blockBytes())) * SECTOR;
        if (!isPresent(bitmap, sectorAt)) {
          long sector = sectorAt % blockBytes() / SECTOR;
          long position = bitmap + sector / 8;
          tables.putByte(position, tables.getByte(position) | 0x80 >> (sector & 7));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  protected boolean isCrowded() {
    return tables.isCrowded();
  }

  @Override
  protected void writeBack() throws IOException {
    if (isFooterMissing) {
      footer.write(file, end);
      isFooterMissing = false;
    }
    if (tables.isDirty()) {
      file.flush();
      tables.writeDirty();
    }
  }

  @Override
  public void resize(long bytes) throws IOException {
    checkWritable();
    if (bytes < 0 || bytes > MAX_DISK_BYTES || bytes % SECTOR != 0) {
      throw new IOException("a VHD has at most 2040 GiB, and not " + bytes);
    }
    lock.lock();
    try {
      if (header == null) {
        moveFooter(bytes);
        return;
      }
      if (bytes < sizeBytes()) {
        throw new UnsupportedOperationException(
            "only a fixed VHD can be made smaller: convert it to one");
      }
      long entries = (bytes + blockBytes() - 1) / blockBytes();
      if (entries > header.entries()) {
        moveTable(entries);
      }
      footer.setSize(bytes);
      footer.write(file, 0);
      footer.write(file, end);
      file.flush();
      setSizeBytes(bytes);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts the footer of a fixed disk at its new end, where its one sector makes the file longer, and
   * only then takes away the one that was.
   */
  private void moveFooter(long bytes) throws IOException {
    long before = sizeBytes();
    footer.setSize(bytes);
    footer.write(file, bytes);
    file.flush();
    if (bytes > before) {
      file.write(before, ByteBuffer.allocate(SECTOR));
    } else if (bytes < before) {
      file.setSize(bytes + SECTOR);
    }
    file.flush();
    setSizeBytes(bytes);
  }

  /**
   * Puts a larger table at the end, durably, before the header leads there by one sector's write.
   */
  private void moveTable(long entries) throws IOException {
    writeBack();
    long old = header().tableOffset();
    long oldEntries = header().entries();
    long position = end;
    long length = (entries * 4 + SECTOR - 1) / SECTOR * SECTOR;
    file.setSize(position + length + SECTOR);
    VhdCreation.fillFree(file, position, length);
    ByteBuffer chunk = ByteBuffer.allocate(SCAN_BYTES);
    for (long done = 0; done < oldEntries * 4; done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(SCAN_BYTES, oldEntries * 4 - done));
      file.read(old + done, chunk);
      file.write(position + done, chunk.flip());
    }
    end = position + length;
    footer.write(file, end);
    file.flush();
    header().setTable(position, entries);
    header().write(file, footer.dataOffset());
    file.flush();
    tables.clear();
  }

  @Override
  public CheckReport check(Repair repair) throws IOException {
    flush();
    lock.lock();
    try {
      boolean isMending = repair == Repair.ALL && !isReadOnly();
      VhdCheck check = new VhdCheck(file, bitmapBytes + blockBytes());
      if (header != null) {
        scan(check);
        if (!footer.isSameAs(Footer.readAt(file, 0))) {
          check.footerCopy(isMending);
          if (isMending) {
            footer.write(file, 0);
            file.flush();
          }
        }
        if (!footer.isSameAs(Footer.readAt(file, file.size() - SECTOR))) {
          check.footerCopy(false);
        }
      }
      return check.report(header == null ? 0 : header.entries());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public ImageInfo info() throws IOException {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put(
        "type",
        switch (footer.type()) {
          case Footer.TYPE_FIXED -> "fixed";
          case Footer.TYPE_DYNAMIC -> "dynamic";
          default -> "differencing";
        });
    details.put("creator", footer.creator().strip());
    Geometry geometry = footer.geometry();
    details.put(
        "geometry",
        "%d/%d/%d".formatted(geometry.cylinders(), geometry.heads(), geometry.sectorsPerTrack()));
    details.put("uuid", footer.id().toString());
    ImageInfo.@Nullable Backing backing = null;
    if (header != null && parent != null) {
      Map<String, String> locators = header.locators(file);
      String path =
          locators.getOrDefault("relative", locators.getOrDefault("absolute", header.parentName()));
      backing = new ImageInfo.Backing(path, ImageFormat.VHD);
    }
    int clusterBytes = header == null ? 0 : (int) blockBytes();
    return new ImageInfo(
        sizeBytes(), file.allocatedBytes(), clusterBytes, backing, List.of(), details);
  }

  @Override
  public void close() throws IOException {
    try (parent;
        file) {
      flush();
    }
  }
}
