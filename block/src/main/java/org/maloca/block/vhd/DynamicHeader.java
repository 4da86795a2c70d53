package org.maloca.block.vhd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;

/** The header of images that are not fixed ("Dynamic Disk Header Format"). Big-endian. */
final class DynamicHeader {
  static final int BYTES = 1024;
  static final int LOCATOR_BYTES = 512;

  /** A path relative to the child, in UTF-16LE ("W2ru"). */
  static final int PLATFORM_RELATIVE = 0x5732_7275;

  /** An absolute path, in UTF-16LE ("W2ku"). */
  static final int PLATFORM_ABSOLUTE = 0x5732_6b75;

  private static final long COOKIE = 0x6378_7370_6172_7365L; // "cxsparse"
  private static final int TABLE_OFFSET = 16;
  private static final int VERSION = 24;
  private static final int MAX_ENTRIES = 28;
  private static final int BLOCK_BYTES = 32;
  private static final int CHECKSUM = 36;
  private static final int PARENT_ID = 40;
  private static final int PARENT_TIME = 56;
  private static final int PARENT_NAME = 64;
  private static final int PARENT_NAME_BYTES = 512;
  private static final int LOCATORS = 576;
  private static final int LOCATOR_ENTRY_BYTES = 24;
  private static final int MAX_LOCATORS = 8;
  private static final int MAX_LOCATOR_BYTES = 8192;
  private static final int FORMAT_VERSION = 0x0001_0000;
  private static final long MAX_TABLE_ENTRIES = 1 << 24;

  private final ByteBuffer bytes;

  private DynamicHeader(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  static DynamicHeader read(ImageFile file, Footer footer) throws IOException {
    long position = footer.dataOffset();
    if (position < Footer.BYTES || position > file.size() - BYTES) {
      throw new CorruptImageException(
          file.name(), 16, "the dynamic disk header at %d is not in the file".formatted(position));
    }
    ByteBuffer b = ByteBuffer.allocate(BYTES);
    file.read(position, b);
    DynamicHeader header = new DynamicHeader(b);
    if (b.getLong(0) != COOKIE || Checksum.of(b, CHECKSUM) != b.getInt(CHECKSUM)) {
      throw new CorruptImageException(
          file.name(), position, "the dynamic disk header is not there or its checksum is wrong");
    }
    header.validate(file, position, footer.sizeBytes());
    return header;
  }

  private void validate(ImageFile file, long position, long sizeBytes) throws IOException {
    long block = blockBytes();
    long entries = entries();
    if (bytes.getInt(VERSION) != FORMAT_VERSION) {
      throw new CorruptImageException(file.name(), position + VERSION, "a version not known");
    }
    if (block < 4096 || block > 256 << 20 || Long.bitCount(block) != 1) {
      throw new CorruptImageException(
          file.name(), position + BLOCK_BYTES, "a block of %d bytes".formatted(block));
    }
    if (entries > MAX_TABLE_ENTRIES || entries * block < sizeBytes) {
      throw new CorruptImageException(
          file.name(),
          position + MAX_ENTRIES,
          "%d blocks do not make a disk of %d bytes".formatted(entries, sizeBytes));
    }
    long table = tableOffset();
    if (table < Footer.BYTES || table % 512 != 0 || table > file.size() - entries * 4) {
      throw new CorruptImageException(
          file.name(),
          position + TABLE_OFFSET,
          "the table at %d is not in the file".formatted(table));
    }
  }

  static DynamicHeader create(long tableOffset, long entries, int blockBytes) {
    ByteBuffer b = ByteBuffer.allocate(BYTES);
    b.putLong(0, COOKIE).putLong(8, -1);
    b.putInt(VERSION, FORMAT_VERSION).putInt(BLOCK_BYTES, blockBytes);
    DynamicHeader header = new DynamicHeader(b);
    header.setTable(tableOffset, entries);
    return header;
  }

  void setTable(long offset, long entries) {
    bytes.putLong(TABLE_OFFSET, offset).putInt(MAX_ENTRIES, (int) entries);
    sign();
  }

  private void sign() {
    bytes.putInt(CHECKSUM, Checksum.of(bytes, CHECKSUM));
  }

  long tableOffset() {
    return bytes.getLong(TABLE_OFFSET);
  }

  long entries() {
    return bytes.getInt(MAX_ENTRIES) & 0xffff_ffffL;
  }

  long blockBytes() {
    return bytes.getInt(BLOCK_BYTES) & 0xffff_ffffL;
  }

  UUID parentId() {
    return new UUID(bytes.getLong(PARENT_ID), bytes.getLong(PARENT_ID + 8));
  }

  String parentName() {
    String name =
        new String(bytes.array(), PARENT_NAME, PARENT_NAME_BYTES, StandardCharsets.UTF_16BE);
    int end = name.indexOf('\0');
    return end < 0 ? name : name.substring(0, end);
  }

  /** Where the parent may lie: {@code relative} and {@code absolute} to paths. */
  Map<String, String> locators(ImageFile file) throws IOException {
    Map<String, String> paths = new LinkedHashMap<>();
    for (int i = 0; i < MAX_LOCATORS; i++) {
      int at = LOCATORS + i * LOCATOR_ENTRY_BYTES;
      int platform = bytes.getInt(at);
      int length = bytes.getInt(at + 8);
      long offset = bytes.getLong(at + 16);
      if (platform != PLATFORM_RELATIVE && platform != PLATFORM_ABSOLUTE) {
        continue;
      }
      if (length < 0 || length > MAX_LOCATOR_BYTES || offset < 0 || offset > file.size() - length) {
        throw new CorruptImageException(
            file.name(), offset, "a parent locator of %d bytes".formatted(length));
      }
      ByteBuffer path = ByteBuffer.allocate(length);
      file.read(offset, path);
      paths.put(
          platform == PLATFORM_RELATIVE ? "relative" : "absolute",
          new String(path.array(), StandardCharsets.UTF_16LE));
    }
    return paths;
  }

  /** Names the parent, with locators that lie at {@code position}, a sector each. */
  void setParent(ImageFile file, VhdOptions.Parent parent, long position) throws IOException {
    bytes.putLong(PARENT_ID, parent.id().getMostSignificantBits());
    bytes.putLong(PARENT_ID + 8, parent.id().getLeastSignificantBits());
    bytes.putInt(PARENT_TIME, (int) (parent.modifiedEpochSeconds() - Footer.EPOCH_2000));
    String path = parent.relativePath();
    byte[] name =
        path.substring(path.replace('\\', '/').lastIndexOf('/') + 1)
            .getBytes(StandardCharsets.UTF_16BE);
    bytes.put(PARENT_NAME, name, 0, Math.min(name.length, PARENT_NAME_BYTES - 2));
    putLocator(file, 0, PLATFORM_RELATIVE, path, position);
    putLocator(file, 1, PLATFORM_ABSOLUTE, parent.absolutePath(), position + LOCATOR_BYTES);
    sign();
  }

  private void putLocator(ImageFile file, int index, int platform, String path, long position)
      throws IOException {
    byte[] text = path.getBytes(StandardCharsets.UTF_16LE);
    if (text.length > LOCATOR_BYTES) {
      throw new IOException("the parent's path is too long for a VHD: " + path);
    }
    file.write(position, ByteBuffer.wrap(text));
    int at = LOCATORS + index * LOCATOR_ENTRY_BYTES;
    bytes.putInt(at, platform).putInt(at + 4, LOCATOR_BYTES).putInt(at + 8, text.length);
    bytes.putLong(at + 16, position);
  }

  /** Writes the header; what a resize changes lies in its first sector. */
  void write(ImageFile file, long position) throws IOException {
    file.write(position, bytes.clear());
  }
}
