package org.maloca.block.vdi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * VDI, VirtualBox's disk, version 1.1, after the layout that VirtualBox's "VDICore.h" and the forum
 * article "All about VDIs" give. All numbers are little-endian.
 *
 * <pre>
 *   0      header: a text, at 0x40 the signature, sizes, offsets, identities  ({@link VdiHeader})
 *   map    a 32-bit entry for each block of the disk (1 MiB as a rule)
 *   data   blocks, one after the other
 * </pre>
 *
 * <p>An entry is the number of the block's place in the data; 0xffffffff says that the block was
 * never written (the parent has it), 0xfffffffe that it is zeros. A fixed image is one whose
 * entries are all there. The header counts the places in use, and others take the next place from
 * that count; so it is made durable before an entry that uses a place is.
 *
 * <p>A difference holds the parent's identity and that of its last modification. Where the parent
 * lies is not in the file (VirtualBox keeps a register); who opens it must find it. A block of the
 * parent is copied as a whole when a part of it is written. Safe for several threads.
 */
public final class VdiImage extends MappedDisk implements DiskImage {
  private static final long FREE = 0xffff_ffffL;
  private static final long ZEROS = 0xffff_fffeL;
  private static final int CACHED_PAGES = 4096;
  private static final int SCAN_BYTES = 1 << 16;

  private final VdiHeader header;
  private final PageCache map;
  private final BitSet places;
  private final long dataOffset;
  private long count;

  /** No place below is free: a look from the start for each block of a fixed disk took long. */
  private int firstFree;

  private boolean isHeaderDirty;
  private boolean isChanged;

  private VdiImage(ImageFile file, @Nullable BlockBackend parent, VdiHeader header)
      throws IOException {
    super(file, parent, header.sizeBytes(), header.blockBytes());
    this.header = header;
    dataOffset = header.dataOffset();
    map = new PageCache(file, VdiHeader.SECTOR, CACHED_PAGES, ByteOrder.LITTLE_ENDIAN);
    places = scan(null);
    count = places.cardinality();
    if (!file.isReadOnly() && count != header.allocated()) {
      // Power failed between the count and the entries.
      header.setAllocated(count);
      isHeaderDirty = true;
    }
  }

  /** Whether a file begins as a VDI does. */
  public static boolean matches(ImageFile file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(VdiHeader.SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    file.read(0, first);
    return first.getInt(VdiHeader.SIGNATURE_FIELD) == VdiHeader.SIGNATURE;
  }

  /** The identity of the disk that the image in a file is a difference to, if it is one. */
  public static Optional<UUID> parentId(ImageFile file) throws IOException {
    VdiHeader header = VdiHeader.read(file);
    return header.type() == VdiHeader.TYPE_DIFFERENCE
        ? Optional.of(header.parentId())
        : Optional.empty();
  }

  /** The identity of the disk in a file, by which differences know it. */
  public static UUID idOf(ImageFile file) throws IOException {
    return VdiHeader.read(file).id();
  }

  /**
   * Opens an image, which owns the file and the parent and closes them.
   *
   * @param parent the disk that a difference is to, exactly when the image is a difference
   * @throws CorruptImageException when the file breaks a rule of the format
   */
  public static VdiImage open(ImageFile file, @Nullable BlockBackend parent) throws IOException {
    VdiHeader header = VdiHeader.read(file);
    boolean isDifference = header.type() == VdiHeader.TYPE_DIFFERENCE;
    if (isDifference != (parent != null)) {
      throw new IOException(
          isDifference
              ? "%s is a difference to the disk %s, which was not given"
                  .formatted(file.name(), header.parentId())
              : file.name() + " has no parent");
    }
    if (parent instanceof VdiImage image
        && (!image.header.id().equals(header.parentId())
            || !image.header.modification().equals(header.parentModification()))) {
      throw new IOException(
          "%s is a difference to another disk than %s, or to another state of it"
              .formatted(file.name(), image.name()));
    }
    return new VdiImage(file, parent, header);
  }

  /** Creates a disk in an empty file. */
  public static void create(ImageFile file, VdiOptions options) throws IOException {
    VdiCreation.create(file, options);
  }

  /** The disk's identity, by which differences know it. */
  public UUID id() {
    return header.id();
  }

  /** Changes at the first write after opening. */
  public UUID modification() {
    return header.modification();
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.VDI;
  }

  @Override
  public String name() {
    return file.name();
  }

  /**
   * Looks at all entries and collects the places in use.
   *
   * @param check told of every entry that is wrong; without one, the first ends the scan
   */
  BitSet scan(@Nullable VdiCheck check) throws IOException {
    long blocks = header.blocks();
    long placesInFile = Math.max(0, (file.size() - dataOffset) / blockBytes());
    BitSet found = new BitSet();
    ByteBuffer chunk = ByteBuffer.allocate(SCAN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long block = 0; block < blocks; ) {
      int length = (int) Math.min(SCAN_BYTES / 4, blocks - block);
      file.read(header.mapOffset() + block * 4, chunk.clear().limit(length * 4));
      for (int i = 0; i < length; i++) {
        long place = chunk.getInt(i * 4) & 0xffff_ffffL;
        if (place >= ZEROS) {
          continue;
        }
        long position = header.mapOffset() + (block + i) * 4;
        boolean isInside = place < Math.min(blocks, placesInFile);
        if (!isInside || found.get((int) place)) {
          String rule =
              isInside
                  ? "two blocks use place %d".formatted(place)
                  : "a block has place %d, outside of the file".formatted(place);
          if (check == null) {
            throw new CorruptImageException(file.name(), position, rule);
          }
          check.found(position, rule);
        } else {
          found.set((int) place);
        }
      }
      block += length;
    }
    return found;
  }

  @Override
  protected long find(long at) throws IOException {
    long entry = map.getInt(entryPosition(at / blockBytes()));
    if (entry >= ZEROS) {
      return entry == FREE ? UNALLOCATED : ZERO;
    }
    return dataOffset + entry * blockBytes() + at % blockBytes();
  }

  @Override
  protected boolean isAtHand(long at) {
    return map.has(entryPosition(at / blockBytes()));
  }

  @Override
  protected boolean hasRoomForAll() {
    return header.type() == VdiHeader.TYPE_FIXED;
  }

  private long entryPosition(long block) {
    return header.mapOffset() + block * 4;
  }

  @Override
  protected long reserve() throws IOException {
    firstFree = places.nextClearBit(firstFree);
    long position = dataOffset + (long) firstFree * blockBytes();
    long size = file.size();
    if (position < size) {
      // Left over by a loss of power or by others; what is there must not show up.
      file.punchHole(position, blockBytes());
    }
    if (position + blockBytes() > size) {
      file.setSize(position + blockBytes());
    }
    return position;
  }

  @Override
  protected void assign(long block, long position) throws IOException {
    long place = (position - dataOffset) / blockBytes();
    map.putInt(entryPosition(block), place);
    places.set((int) place);
    count++;
    header.setAllocated(count);
    isHeaderDirty = true;
  }

  @Override
  protected boolean assignZero(long block) throws IOException {
    map.putInt(entryPosition(block), ZEROS);
    return true;
  }

  @Override
  protected void beforeWrite() {
    if (!isChanged) {
      header.renewModification();
      isHeaderDirty = true;
      isChanged = true;
    }
  }

  @Override
  protected boolean isCrowded() {
    return map.isCrowded();
  }

  @Override
  protected void writeBack() throws IOException {
    if (isHeaderDirty) {
      header.write(file);
      isHeaderDirty = false;
    }
    if (map.isDirty()) {
      file.flush();
      map.writeDirty();
    }
  }

  @Override
  public void resize(long bytes) throws IOException {
    checkWritable();
    long blocks = (bytes + blockBytes() - 1) / blockBytes();
    if (bytes < 0 || bytes % SECTOR_BYTES != 0 || blocks > VdiHeader.MAX_BLOCKS) {
      throw new IOException("a VDI cannot have %d bytes".formatted(bytes));
    }
    lock.lock();
    try {
      if (bytes < sizeBytes()) {
        throw new UnsupportedOperationException("a VDI can only be made larger");
      }
      if (header.mapOffset() + blocks * 4 > dataOffset) {
        throw new UnsupportedOperationException(
            "the VDI's block map has no room for more blocks: convert it to a larger one");
      }
      beforeWrite();
      boolean isFixed = header.type() == VdiHeader.TYPE_FIXED;
      for (long block = header.blocks(); block < blocks; block++) {
        if (isFixed) {
          assign(block, reserve());
        } else {
          map.putInt(entryPosition(block), FREE);
        }
        if (map.isCrowded()) {
          writeBack();
        }
      }
      writeBack();
      file.flush();
      header.setSize(bytes);
      header.write(file);
      file.flush();
      setSizeBytes(bytes);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void adoptParent() throws IOException {
    if (parent instanceof VdiImage image) {
      checkWritable();
      lock.lock();
      try {
        header.setParent(image.id(), image.modification());
        header.write(file);
        file.flush();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public CheckReport check(Repair repair) throws IOException {
    boolean wasCountWrong = header.allocated() != count;
    long headerCount = header.allocated();
    flush();
    lock.lock();
    try {
      VdiCheck check = new VdiCheck(file);
      BitSet used = scan(check);
      if (wasCountWrong) {
        check.found(0, "the header counts %d blocks, and not %d".formatted(headerCount, count));
      }
      long end = dataOffset + used.length() * blockBytes();
      long lost = Math.max(0, file.size() - end) / blockBytes();
      boolean isTrimming = repair != Repair.NOTHING && !isReadOnly();
      if (lost > 0) {
        check.note(end, lost + " blocks at the end belong to nothing");
        if (isTrimming) {
          file.setSize(end);
          file.flush();
        }
      }
      return check.report(isTrimming ? 0 : lost, isTrimming ? lost : 0, count, header.blocks());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public ImageInfo info() throws IOException {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put(
        "type",
        switch (header.type()) {
          case VdiHeader.TYPE_FIXED -> "fixed";
          case VdiHeader.TYPE_DIFFERENCE -> "differencing";
          default -> "dynamic";
        });
    details.put("allocated blocks", count);
    details.put("uuid", header.id().toString());
    details.put("modification uuid", header.modification().toString());
    ImageInfo.@Nullable Backing backing =
        parent == null
            ? null
            : new ImageInfo.Backing(
                parent instanceof DiskImage image ? image.name() : header.parentId().toString(),
                null);
    return new ImageInfo(
        sizeBytes(), file.allocatedBytes(), (int) blockBytes(), backing, List.of(), details);
  }

  @Override
  public void close() throws IOException {
    try (parent;
        file) {
      flush();
    }
  }
}
