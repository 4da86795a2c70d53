package org.maloca.block.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.ImageFormat;

/**
 * The header of an image and its extensions (specification, "Header" and "Header extensions"), all
 * numbers big-endian. Reading checks everything that can be checked in the header alone; extensions
 * that are not known are kept as they are.
 */
public final class Qcow2Header {
  static final int MAGIC = 0x514649fb;
  static final int V2_BYTES = 72;
  static final int V3_BYTES = 112;

  /** The least length of a version 3 header: without the compression type. */
  static final int V3_LEAST_BYTES = 104;

  static final int MIN_CLUSTER_BITS = 9;
  static final int MAX_CLUSTER_BITS = 21;
  static final int MAX_L1_BYTES = 32 << 20;
  static final int MAX_REFCOUNT_TABLE_BYTES = 8 << 20;
  static final int MAX_BACKING_NAME_BYTES = 1023;
  static final int MAX_SNAPSHOTS = 65536;

  static final long INCOMPATIBLE_DIRTY = 1;
  static final long INCOMPATIBLE_CORRUPT = 1 << 1;
  static final long INCOMPATIBLE_DATA_FILE = 1 << 2;
  static final long INCOMPATIBLE_COMPRESSION = 1 << 3;
  static final long INCOMPATIBLE_EXTENDED_L2 = 1 << 4;
  private static final long INCOMPATIBLE_KNOWN = 0x1f;
  static final long COMPATIBLE_LAZY_REFCOUNTS = 1;
  static final long AUTOCLEAR_BITMAPS = 1;
  static final long AUTOCLEAR_RAW_DATA_FILE = 1 << 1;

  static final int COMPRESSION_ZLIB = 0;
  static final int COMPRESSION_ZSTD = 1;

  static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
  static final int EXTENSION_FEATURE_NAMES = 0x6803f857;
  static final int EXTENSION_DATA_FILE = 0x44415441;

  /** The fields of which a running image changes none. */
  final int version;

  final int clusterBits;
  final int refcountOrder;
  final int compressionType;

  long sizeBytes;
  int l1Entries;
  long l1Offset;
  long refcountTableOffset;
  int refcountTableClusters;
  int snapshotCount;
  long snapshotsOffset;
  long incompatible;
  long compatible;
  long autoclear;
  @Nullable String backingFile;
  final List<Extension> extensions = new ArrayList<>();

  /** Bytes of a longer header than is known, kept. */
  byte[] unknownFields = {};

  /** One extension, not yet or no longer padded to eight bytes. */
  record Extension(int type, byte[] data) {}

  Qcow2Header(int version, int clusterBits, int refcountOrder, int compressionType) {
    this.version = version;
    this.clusterBits = clusterBits;
    this.refcountOrder = refcountOrder;
    this.compressionType = compressionType;
  }

  /**
   * Whether a file begins as such an image does, of whatever version: one that Maloca does not know
   * is refused in place of being a raw disk.
   */
  public static boolean isQcow2(ImageFile file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(8);
    file.read(0, start);
    return start.getInt(0) == MAGIC && start.getInt(4) > 0;
  }

  /** The name of the backing file as the image says it, or null. */
  public @Nullable String backingFile() {
    return backingFile;
  }

  /** The backing file's format as the image says it, in its own words, or null. */
  public @Nullable String backingFormatName() {
    return text(EXTENSION_BACKING_FORMAT);
  }

  /** The backing file's format where the image says one that Maloca knows. */
  public @Nullable ImageFormat backingFormat() {
    String name = backingFormatName();
    if (name == null) {
      return null;
    }
    // QEMU's name for VHD.
    String ours = name.equals("vpc") ? "vhd" : name;
    for (ImageFormat format : ImageFormat.values()) {
      if (format.optionName().equals(ours.toLowerCase(Locale.ROOT))) {
        return format;
      }
    }
    return null;
  }

  /** Whether guest data lie in a file of their own. */
  public boolean hasDataFile() {
    return (incompatible & INCOMPATIBLE_DATA_FILE) != 0;
  }

  /** Whether that file is a raw image of the disk by itself. */
  public boolean isDataFileRaw() {
    return hasDataFile() && (autoclear & AUTOCLEAR_RAW_DATA_FILE) != 0;
  }

  /** The name of the data file as the image says it, or null. */
  public @Nullable String dataFile() {
    return text(EXTENSION_DATA_FILE);
  }

  /** Size of the disk in bytes. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** 2 or 3. */
  public int version() {
    return version;
  }

  public int clusterBytes() {
    return 1 << clusterBits;
  }

  public boolean hasExtendedL2() {
    return (incompatible & INCOMPATIBLE_EXTENDED_L2) != 0;
  }

  private @Nullable String text(int type) {
    for (Extension extension : extensions) {
      if (extension.type == type) {
        return new String(extension.data, StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  void setText(int type, @Nullable String value) {
    extensions.removeIf(extension -> extension.type == type);
    if (value != null) {
      extensions.add(new Extension(type, value.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /**
   * Reads and checks a header.
   *
   * @throws CorruptImageException when it contradicts itself
   * @throws UnsupportedImageException when it is of a kind that Maloca does not know
   */
  static Qcow2Header read(ImageFile file) throws IOException {
    String name = file.name();
    ByteBuffer fixed = ByteBuffer.allocate(V3_BYTES);
    file.read(0, fixed);
    if (fixed.getInt(0) != MAGIC) {
      throw new CorruptImageException(name, 0, "not a qcow2 image");
    }
    int version = fixed.getInt(4);
    if (version != 2 && version != 3) {
      throw new UnsupportedImageException(
          name,
          version == 1
              ? "is qcow, the format before qcow2, which Maloca does not read"
              : "is qcow2 of version " + version);
    }
    int headerBytes = version == 2 ? V2_BYTES : fixed.getInt(100);
    int clusterBits = fixed.getInt(20);
    if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
      throw new CorruptImageException(
          name, 20, "a cluster of 2^%s bytes".formatted(Integer.toUnsignedString(clusterBits)));
    }
    int clusterBytes = 1 << clusterBits;
    if (version == 3 && (headerBytes < V3_LEAST_BYTES || headerBytes > clusterBytes)) {
      throw new CorruptImageException(
          name, 100, "a header of %s bytes".formatted(Integer.toUnsignedString(headerBytes)));
    }
    int refcountOrder = version == 2 ? 4 : fixed.getInt(96);
    if (refcountOrder < 0 || refcountOrder > 6) {
      throw new CorruptImageException(
          name, 96, "refcounts of 2^%s bits".formatted(Integer.toUnsignedString(refcountOrder)));
    }
    int compression = version == 3 && headerBytes > 104 ? fixed.get(104) : COMPRESSION_ZLIB;
    Qcow2Header header = new Qcow2Header(version, clusterBits, refcountOrder, compression);
    if (version == 3) {
      header.incompatible = fixed.getLong(72);
      header.compatible = fixed.getLong(80);
      header.autoclear = fixed.getLong(88);
    }
    header.sizeBytes = fixed.getLong(24);
    header.l1Entries = fixed.getInt(36);
    header.l1Offset = fixed.getLong(40);
    header.refcountTableOffset = fixed.getLong(48);
    header.refcountTableClusters = fixed.getInt(56);
    header.snapshotCount = fixed.getInt(60);
    header.snapshotsOffset = fixed.getLong(64);
    int encryption = fixed.getInt(32);
    if (encryption != 0) {
      throw new UnsupportedImageException(
          name,
          "is encrypted%s; Maloca reads no encrypted images"
              .formatted(encryption == 2 ? " by LUKS" : ""));
    }
    header.readRest(file, headerBytes, fixed.getLong(8), fixed.getInt(16));
    header.check(file);
    return header;
  }

  private void readRest(ImageFile file, int headerBytes, long backingOffset, int backingBytes)
      throws IOException {
    String name = file.name();
    long limit = clusterBytes();
    ByteBuffer first = ByteBuffer.allocate(clusterBytes());
    file.read(0, first);
    if (backingOffset != 0) {
      if (backingBytes < 0
          || backingBytes > MAX_BACKING_NAME_BYTES
          || backingOffset < headerBytes
          || backingOffset > limit - backingBytes) {
        throw new CorruptImageException(name, 8, "the backing file's name is outside the header");
      }
      backingFile =
          new String(first.array(), (int) backingOffset, backingBytes, StandardCharsets.UTF_8);
      limit = backingOffset;
    }
    if (headerBytes > V3_BYTES) {
      unknownFields = java.util.Arrays.copyOfRange(first.array(), V3_BYTES, headerBytes);
    }
    int at = headerBytes;
    while (at + 8 <= limit) {
      int type = first.getInt(at);
      int length = first.getInt(at + 4);
      if (type == 0) {
        return;
      }
      if (length < 0 || length > limit - at - 8) {
        throw new CorruptImageException(
            name, at, "a header extension of %d bytes".formatted(length));
      }
      extensions.add(
          new Extension(
              type, java.util.Arrays.copyOfRange(first.array(), at + 8, at + 8 + length)));
      at += 8 + ((length + 7) & ~7);
    }
  }

  private void check(ImageFile file) throws IOException {
    String name = file.name();
    if ((incompatible & ~INCOMPATIBLE_KNOWN) != 0) {
      throw new UnsupportedImageException(
          name,
          "needs features that Maloca does not know: bits 0x%x"
              .formatted(incompatible & ~INCOMPATIBLE_KNOWN));
    }
    boolean isOtherCompression = (incompatible & INCOMPATIBLE_COMPRESSION) != 0;
    if (compressionType != COMPRESSION_ZLIB && compressionType != COMPRESSION_ZSTD) {
      throw new UnsupportedImageException(name, "is compressed by method " + compressionType);
    }
    if (isOtherCompression != (compressionType != COMPRESSION_ZLIB)) {
      throw new CorruptImageException(name, 104, "compression type and its feature bit differ");
    }
    if (hasExtendedL2() && clusterBits < 14) {
      throw new CorruptImageException(name, 20, "subclusters in clusters below 16 KiB");
    }
    Geometry geometry = new Geometry(clusterBits, refcountOrder, hasExtendedL2());
    if (sizeBytes < 0 || sizeBytes > geometry.maxSizeBytes()) {
      throw new CorruptImageException(
          name, 24, "a disk of %s bytes".formatted(Long.toUnsignedString(sizeBytes)));
    }
    if (l1Entries < 0 || l1Entries > MAX_L1_BYTES / Long.BYTES) {
      throw new CorruptImageException(
          name, 36, "an L1 table of %s entries".formatted(Integer.toUnsignedString(l1Entries)));
    }
    if (l1Entries < geometry.l1EntriesFor(sizeBytes)) {
      throw new CorruptImageException(name, 36, "the L1 table is smaller than the disk");
    }
    checkTable(file, 40, l1Offset, (long) l1Entries * Long.BYTES, "L1 table");
    if (refcountTableClusters <= 0
        || (long) refcountTableClusters << clusterBits > MAX_REFCOUNT_TABLE_BYTES) {
      throw new CorruptImageException(
          name,
          56,
          "a refcount table of %s clusters"
              .formatted(Integer.toUnsignedString(refcountTableClusters)));
    }
    checkTable(
        file,
        48,
        refcountTableOffset,
        (long) refcountTableClusters << clusterBits,
        "refcount table");
    if (snapshotCount < 0 || snapshotCount > MAX_SNAPSHOTS) {
      throw new CorruptImageException(
          name, 60, "%s snapshots".formatted(Integer.toUnsignedString(snapshotCount)));
    }
    if (snapshotCount > 0) {
      checkTable(file, 64, snapshotsOffset, 40L * snapshotCount, "snapshot table");
    }
  }

  private void checkTable(ImageFile file, int field, long offset, long bytes, String what)
      throws IOException {
    if (bytes == 0) {
      return;
    }
    if (offset <= 0
        || (offset & clusterBytes() - 1) != 0
        || offset > roundUp(file.size()) - bytes) {
      throw new CorruptImageException(
          file.name(), field, "the %s is at byte 0x%x".formatted(what, offset));
    }
  }

  private long roundUp(long bytes) {
    return (bytes + clusterBytes() - 1) & -clusterBytes();
  }

  int headerBytes() {
    return version == 2 ? V2_BYTES : V3_BYTES + unknownFields.length;
  }

  /** The whole header as it goes into the first cluster, which it fills up with zeros. */
  ByteBuffer encode(String name) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(clusterBytes());
    byte[] backing =
        backingFile == null ? new byte[0] : backingFile.getBytes(StandardCharsets.UTF_8);
    int needed = headerBytes() + 8 + backing.length;
    for (Extension extension : extensions) {
      needed += 8 + ((extension.data.length + 7) & ~7);
    }
    if (backing.length > MAX_BACKING_NAME_BYTES || needed > out.capacity()) {
      throw new UnsupportedImageException(
          name, "has no room in its header for the backing file's name");
    }
    encodeFields(out);
    out.put(V3_BYTES < headerBytes() ? V3_BYTES : 0, unknownFields);
    out.position(headerBytes());
    for (Extension extension : extensions) {
      out.putInt(extension.type).putInt(extension.data.length).put(extension.data);
      out.position((out.position() + 7) & ~7);
    }
    out.putLong(0);
    if (backingFile != null) {
      out.putLong(8, out.position());
      out.putInt(16, backing.length);
      out.put(backing);
    }
    return out.clear();
  }

  /** The fields without the backing file's: those are as they were, or zero. */
  void encodeFields(ByteBuffer out) {
    out.putInt(0, MAGIC).putInt(4, version).putInt(20, clusterBits).putLong(24, sizeBytes);
    out.putInt(32, 0).putInt(36, l1Entries).putLong(40, l1Offset);
    out.putLong(48, refcountTableOffset).putInt(56, refcountTableClusters);
    out.putInt(60, snapshotCount).putLong(64, snapshotsOffset);
    if (version == 3) {
      out.putLong(72, incompatible).putLong(80, compatible).putLong(88, autoclear);
      out.putInt(96, refcountOrder).putInt(100, headerBytes());
      out.put(104, (byte) compressionType);
    }
  }
}
