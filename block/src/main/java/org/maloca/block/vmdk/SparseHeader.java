package org.maloca.block.vmdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;

/**
 * The first sector of a sparse extent ({@code SparseExtentHeader}, "Hosted Sparse Extents" in the
 * specification). All numbers are little-endian; offsets and sizes count sectors of 512 bytes.
 *
 * @param headerOffset where in the file this header is, in bytes: 0, or where the footer lies
 * @param grainDirectory offset of the grain directory in sectors
 * @param redundantDirectory offset of its copy, or 0
 * @param overhead sectors before the first grain
 */
record SparseHeader(
    long headerOffset,
    int version,
    int flags,
    long capacity,
    long grainSectors,
    long descriptorOffset,
    long descriptorSectors,
    int entriesPerTable,
    long redundantDirectory,
    long grainDirectory,
    long overhead,
    int compression) {
  static final int MAGIC = 0x564d_444b; // "KDMV"
  static final int SECTOR = 512;
  static final int BYTES = SECTOR;

  static final int FLAG_NEWLINE_TEST = 1;
  static final int FLAG_REDUNDANT = 2;
  static final int FLAG_ZERO_GRAINS = 4;
  static final int FLAG_COMPRESSED = 1 << 16;
  static final int FLAG_MARKERS = 1 << 17;
  static final int COMPRESSION_DEFLATE = 1;

  /** The grain directory's offset when the footer tells it. */
  static final long DIRECTORY_AT_END = -1;

  /** A byte that is 1 while the extent is in use. */
  static final int UNCLEAN_SHUTDOWN_FIELD = 72;

  private static final String[] NAMES = {
    "the header", "the descriptor", "the grain directory", "the redundant grain directory"
  };

  static final int MAX_DESCRIPTOR_BYTES = 1 << 20;
  private static final long MAX_DIRECTORY_ENTRIES = 1 << 24;
  private static final long MAX_GRAIN_SECTORS = 2048;
  private static final int GRAIN_DIRECTORY_FIELD = 56;
  private static final int CHECKED_CHARACTERS = 0x0a0d_200a;

  long grainBytes() {
    return grainSectors * SECTOR;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  long directoryEntries() {
    long perTable = grainSectors * entriesPerTable;
    return (capacity + perTable - 1) / perTable;
  }

  /**
   * Tells which two of the header, the descriptor and the directories lie over each other, or null.
   * A change of one would be one of the other.
   */
  @Nullable String overlap() {
    for (int i = 0; i < fixedParts(); i++) {
      for (int j = 0; j < i; j++) {
        if (start(i) < end(j) && start(j) < end(i)) {
          return "%s and %s lie over each other".formatted(NAMES[j], NAMES[i]);
        }
      }
    }
    return null;
  }

  /** Whether sectors belong to the header, the descriptor or a directory. */
  boolean isFixed(long sector, long sectors) {
    for (int i = 0; i < fixedParts(); i++) {
      if (sector < end(i) && start(i) < sector + sectors) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a grain table may lie at a byte of the file: whole before the end, and apart from the
   * fixed parts.
   */
  boolean mayHaveTable(long position, long fileEnd) {
    return position <= fileEnd - tableBytes() && !isFixed(position / SECTOR, tableBytes() / SECTOR);
  }

  /** The sector behind the last of the header, the descriptor and the directories. */
  long fixedEnd() {
    long last = 0;
    for (int i = 0; i < fixedParts(); i++) {
      last = Math.max(last, end(i));
    }
    return last;
  }

  private int fixedParts() {
    return has(FLAG_REDUNDANT) ? NAMES.length : NAMES.length - 1;
  }

  private long start(int part) {
    return switch (part) {
      case 0 -> 0;
      case 1 -> descriptorOffset;
      case 2 -> grainDirectory;
      default -> redundantDirectory;
    };
  }

  private long end(int part) {
    return switch (part) {
      case 0 -> 1;
      case 1 -> descriptorOffset == 0 ? 0 : descriptorOffset + descriptorSectors;
      default -> start(part) + (directoryEntries() * 4 + SECTOR - 1) / SECTOR;
    };
  }

  long tableBytes() {
    return (entriesPerTable * 4L + SECTOR - 1) / SECTOR * SECTOR;
  }

  static boolean matches(ByteBuffer first) {
    return first.remaining() >= 4
        && first.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(first.position()) == MAGIC;
  }

  /** Reads the header, and the footer where that has the grain directory's place. */
  static SparseHeader read(ImageFile file) throws IOException {
    SparseHeader header = readAt(file, 0);
    if (header.grainDirectory == DIRECTORY_AT_END) {
      // Footer marker, footer, end-of-stream marker: a sector each.
      long footer = file.size() - 2 * SECTOR;
      if (footer <= 0) {
        throw new CorruptImageException(
            file.name(), GRAIN_DIRECTORY_FIELD, "there is no footer, which should have this");
      }
      header = readAt(file, footer);
    }
    header.validate(file);
    return header;
  }

  private static SparseHeader readAt(ImageFile file, long offset) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(offset, b);
    if (b.getInt(0) != MAGIC) {
      throw new CorruptImageException(file.name(), offset, "a sparse extent begins with KDMV");
    }
    if ((b.getInt(8) & FLAG_NEWLINE_TEST) != 0 && b.getInt(73) != CHECKED_CHARACTERS) {
      throw new CorruptImageException(
          file.name(), offset + 73, "line ends were changed: the file was copied as a text");
    }
    return new SparseHeader(
        offset,
        b.getInt(4),
        b.getInt(8),
        b.getLong(12),
        b.getLong(20),
        b.getLong(28),
        b.getLong(36),
        b.getInt(44),
        b.getLong(48),
        b.getLong(GRAIN_DIRECTORY_FIELD),
        b.getLong(64),
        b.getShort(77) & 0xffff);
  }

  private void validate(ImageFile file) throws IOException {
    long fileSectors = file.size() / SECTOR;
    require(file, 4, version >= 1 && version <= 3, "version %d is not known", version);
    require(
        file,
        20,
        grainSectors >= 8 && grainSectors <= MAX_GRAIN_SECTORS && Long.bitCount(grainSectors) == 1,
        "a grain of %d sectors is no power of two from 8 to 2048",
        grainSectors);
    require(
        file,
        44,
        entriesPerTable > 0 && entriesPerTable <= 512,
        "a grain table cannot have %d entries",
        entriesPerTable);
    require(
        file,
        12,
        capacity >= 0 && capacity <= MAX_DIRECTORY_ENTRIES * grainSectors * entriesPerTable,
        "a capacity of %d sectors is too large",
        capacity);
    requireDirectory(file, GRAIN_DIRECTORY_FIELD, grainDirectory, fileSectors);
    if (has(FLAG_REDUNDANT)) {
      requireDirectory(file, 48, redundantDirectory, fileSectors);
    }
    require(
        file,
        36,
        descriptorOffset == 0
            || descriptorOffset > 0
                && descriptorSectors >= 0
                && descriptorSectors <= MAX_DESCRIPTOR_BYTES / SECTOR
                && descriptorOffset <= fileSectors,
        "the descriptor is not inside the file, or over 1 MiB (%d sectors)",
        descriptorSectors);
    require(file, 64, overhead >= 0 && overhead <= 1L << 32, "an overhead of %d", overhead);
    require(
        file,
        77,
        compression == (has(FLAG_COMPRESSED) ? COMPRESSION_DEFLATE : 0),
        "compression %d is not known or not wanted",
        compression);
  }

  private void requireDirectory(ImageFile file, int field, long offset, long fileSectors)
      throws IOException {
    require(
        file,
        field,
        offset > 0
            && offset < fileSectors
            && directoryEntries() * 4 <= (fileSectors - offset) * SECTOR,
        "the grain directory at sector %d is not inside the file",
        offset);
  }

  private void require(ImageFile file, int field, boolean isRight, String rule, long value)
      throws IOException {
    if (!isRight) {
      throw new CorruptImageException(file.name(), headerOffset + field, rule.formatted(value));
    }
  }

  /** The header of the same extent with more sectors, and with its directories elsewhere. */
  SparseHeader grown(long newCapacity, long newRedundantDirectory, long newGrainDirectory) {
    return new SparseHeader(
        0,
        version,
        flags,
        newCapacity,
        grainSectors,
        descriptorOffset,
        descriptorSectors,
        entriesPerTable,
        newRedundantDirectory,
        newGrainDirectory,
        overhead,
        compression);
  }

  /** The sector, to be written at the file's start. */
  ByteBuffer bytes() {
    ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0, MAGIC).putInt(4, version).putInt(8, flags);
    b.putLong(12, capacity).putLong(20, grainSectors);
    b.putLong(28, descriptorOffset).putLong(36, descriptorSectors);
    b.putInt(44, entriesPerTable);
    b.putLong(48, redundantDirectory).putLong(GRAIN_DIRECTORY_FIELD, grainDirectory);
    b.putLong(64, overhead);
    b.putInt(73, CHECKED_CHARACTERS);
    b.putShort(77, (short) compression);
    return b;
  }
}
