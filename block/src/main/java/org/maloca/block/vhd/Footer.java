package org.maloca.block.vhd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;

/**
 * The last sector of every image ("Hard Disk Footer Format"), and a copy of it in the first sector
 * of those that are not fixed. Big-endian. Kept as it is, so that other fields survive.
 */
final class Footer {
  static final int BYTES = 512;
  static final int TYPE_FIXED = 2;
  static final int TYPE_DYNAMIC = 3;
  static final int TYPE_DIFFERENCE = 4;

  /** Seconds from 1970 to 2000, from which VHDs count. */
  static final long EPOCH_2000 = 946_684_800;

  private static final long COOKIE = 0x636f_6e65_6374_6978L; // "conectix"
  private static final int FEATURES = 8;
  private static final int VERSION = 12;
  private static final int DATA_OFFSET = 16;
  private static final int TIME = 24;
  private static final int CREATOR = 28;
  private static final int CREATOR_VERSION = 32;
  private static final int CREATOR_HOST = 36;
  private static final int ORIGINAL_SIZE = 40;
  private static final int CURRENT_SIZE = 48;
  private static final int CYLINDERS = 56;
  private static final int TYPE = 60;
  private static final int CHECKSUM = 64;
  private static final int ID = 68;
  private static final int FORMAT_VERSION = 0x0001_0000;

  private final ByteBuffer bytes;

  private Footer(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** The footer at a place of a file, or null when there is none that is whole. */
  static @Nullable Footer readAt(ImageFile file, long position) throws IOException {
    if (position < 0) {
      return null;
    }
    ByteBuffer b = ByteBuffer.allocate(BYTES);
    file.read(position, b);
    return b.getLong(0) == COOKIE && Checksum.of(b, CHECKSUM) == b.getInt(CHECKSUM)
        ? new Footer(b)
        : null;
  }

  static Footer create(int type, long sizeBytes) {
    ByteBuffer b = ByteBuffer.allocate(BYTES);
    b.putLong(0, COOKIE).putInt(FEATURES, 2).putInt(VERSION, FORMAT_VERSION);
    b.putLong(DATA_OFFSET, type == TYPE_FIXED ? -1 : BYTES);
    b.putInt(TIME, (int) (Instant.now().getEpochSecond() - EPOCH_2000));
    // Readers take the size from the geometry, which is coarser, unless the creator is known to
    // them as one that means the size that it writes.
    b.put(CREATOR, "win ".getBytes(StandardCharsets.US_ASCII));
    b.putInt(CREATOR_VERSION, 0x000a_0000);
    b.put(CREATOR_HOST, "Wi2k".getBytes(StandardCharsets.US_ASCII));
    b.putLong(ORIGINAL_SIZE, sizeBytes);
    b.putInt(TYPE, type);
    UUID id = UUID.randomUUID();
    b.putLong(ID, id.getMostSignificantBits()).putLong(ID + 8, id.getLeastSignificantBits());
    Footer footer = new Footer(b);
    footer.setSize(sizeBytes);
    return footer;
  }

  void validate(ImageFile file, long position) throws IOException {
    if (bytes.getInt(VERSION) >>> 16 != 1) {
      throw new CorruptImageException(file.name(), position + VERSION, "a version not known");
    }
    if (type() < TYPE_FIXED || type() > TYPE_DIFFERENCE) {
      throw new CorruptImageException(file.name(), position + TYPE, "disk type " + type());
    }
    long size = sizeBytes();
    if (size < 0 || size % BYTES != 0 || size > VhdImage.MAX_DISK_BYTES) {
      throw new CorruptImageException(
          file.name(), position + CURRENT_SIZE, "a disk of %d bytes".formatted(size));
    }
  }

  int type() {
    return bytes.getInt(TYPE);
  }

  /** Where the dynamic disk header lies. */
  long dataOffset() {
    return bytes.getLong(DATA_OFFSET);
  }

  long time() {
    return bytes.getInt(TIME) & 0xffff_ffffL;
  }

  Geometry geometry() {
    return new Geometry(
        bytes.getShort(CYLINDERS) & 0xffff,
        bytes.get(CYLINDERS + 2) & 0xff,
        bytes.get(CYLINDERS + 3) & 0xff);
  }

  /**
   * The disk's size. Virtual PC shows what the geometry covers, and so does QEMU where it was not
   * told otherwise; all others mean the size that stands beside it.
   */
  long sizeBytes() {
    boolean isByGeometry = creator().equals("vpc ") || creator().equals("qemu");
    return isByGeometry && !geometry().isLargest()
        ? geometry().sectors() * BYTES
        : bytes.getLong(CURRENT_SIZE);
  }

  void setSize(long sizeBytes) {
    Geometry geometry = Geometry.of(sizeBytes / BYTES);
    bytes.putLong(CURRENT_SIZE, sizeBytes);
    bytes.putShort(CYLINDERS, (short) geometry.cylinders());
    bytes.put(CYLINDERS + 2, (byte) geometry.heads());
    bytes.put(CYLINDERS + 3, (byte) geometry.sectorsPerTrack());
    if (creator().equals("vpc ") || creator().equals("qemu")) {
      bytes.put(CREATOR, "win ".getBytes(StandardCharsets.US_ASCII));
    }
    bytes.putInt(CHECKSUM, Checksum.of(bytes, CHECKSUM));
  }

  String creator() {
    return new String(bytes.array(), CREATOR, 4, StandardCharsets.ISO_8859_1);
  }

  UUID id() {
    return new UUID(bytes.getLong(ID), bytes.getLong(ID + 8));
  }

  void write(ImageFile file, long position) throws IOException {
    file.write(position, bytes.clear());
  }

  boolean isSameAs(@Nullable Footer other) {
    return other != null && other.bytes.clear().equals(bytes.clear());
  }
}
