package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.table.MixedUuid;

/**
 * What the metadata region tells of the disk ([MS-VHDX] 2.6).
 *
 * @param isFixed whether blocks stay where they are ({@code LeaveBlockAllocated})
 * @param sizePosition where in the file the disk's size lies
 * @param locator keys and values that tell where the parent lies; empty without a parent
 */
record VhdxMetadata(
    int blockBytes,
    boolean isFixed,
    boolean hasParent,
    long sizeBytes,
    UUID diskId,
    int logicalSectorBytes,
    int physicalSectorBytes,
    long sizePosition,
    Map<String, String> locator) {
  static final long MAX_DISK_BYTES = 64L << 40;

  private static final long SIGNATURE = 0x6174_6164_6174_656dL; // "metadata"
  private static final int TABLE_BYTES = 64 << 10;
  private static final int ENTRY_BYTES = 32;
  private static final int MAX_ENTRIES = 2047;
  private static final int MAX_ITEM_BYTES = 1 << 20;
  private static final int FLAG_VIRTUAL_DISK = 2;
  private static final int FLAG_REQUIRED = 4;

  static VhdxMetadata read(ImageFile file, VhdxRegions regions) throws IOException {
    return new Reader(file, regions).read();
  }

  /** How a locator names a parent's content. */
  static String linkage(UUID contentId) {
    return "{" + contentId + "}";
  }

  /**
   * Where in the file the locator's {@code parent_linkage} lies.
   *
   * @param length the bytes that it must have
   */
  static long linkagePosition(ImageFile file, VhdxRegions regions, int length) throws IOException {
    Reader reader = new Reader(file, regions);
    VhdxMetadata ignored = reader.read();
    return regions.metadataOffset() + reader.locatorValue("parent_linkage", length);
  }

  private static final class Reader {
    private final ImageFile file;
    private final VhdxRegions regions;
    private final ByteBuffer table =
        ByteBuffer.allocate(TABLE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private int count;

    /** Where items that were read lie in the region, by their entries: first byte and end. */
    private final Map<Integer, long[]> places = new LinkedHashMap<>();

    Reader(ImageFile file, VhdxRegions regions) {
      this.file = file;
      this.regions = regions;
    }

    VhdxMetadata read() throws IOException {
      file.read(regions.metadataOffset(), table);
      count = table.getShort(10) & 0xffff;
      if (table.getLong(0) != SIGNATURE || count > MAX_ENTRIES) {
        throw corrupt(0, "no metadata table, or over 2047 items");
      }
      for (int i = 0; i < count; i++) {
        UUID id = MixedUuid.get(table, entry(i));
        if ((table.getInt(entry(i) + 24) & FLAG_REQUIRED) != 0 && !isKnown(id)) {
          throw corrupt(entry(i), "item " + id + " is required and not known");
        }
      }
      ByteBuffer parameters = item(Guid.FILE_PARAMETERS, 8);
      int blockBytes = parameters.getInt(0);
      int flags = parameters.getInt(4);
      if (blockBytes < VhdxImage.MIB
          || blockBytes > 256 * VhdxImage.MIB
          || Integer.bitCount(blockBytes) != 1) {
        throw corrupt(0, "a block of " + (blockBytes & 0xffff_ffffL) + " bytes");
      }
      int logical = item(Guid.LOGICAL_SECTOR_SIZE, 4).getInt(0);
      int physical = item(Guid.PHYSICAL_SECTOR_SIZE, 4).getInt(0);
      if (logical != 512 && logical != 4096 || physical != 512 && physical != 4096) {
        throw corrupt(0, "sectors of %d and %d bytes".formatted(logical, physical));
      }
      long size = item(Guid.VIRTUAL_DISK_SIZE, 8).getLong(0);
      if (size < 0 || size > MAX_DISK_BYTES || size % logical != 0) {
        throw corrupt(0, "a disk of %d bytes".formatted(size));
      }
      boolean hasParent = (flags & 2) != 0;
      return new VhdxMetadata(
          blockBytes,
          (flags & 1) != 0,
          hasParent,
          size,
          MixedUuid.get(item(Guid.VIRTUAL_DISK_ID, 16), 0),
          logical,
          physical,
          regions.metadataOffset() + (table.getInt(find(Guid.VIRTUAL_DISK_SIZE) + 16)),
          hasParent ? locator() : Map.of());
    }

    private static int entry(int index) {
      return 32 + index * ENTRY_BYTES;
    }

    private static boolean isKnown(UUID id) {
      return id.equals(Guid.FILE_PARAMETERS)
          || id.equals(Guid.VIRTUAL_DISK_SIZE)
          || id.equals(Guid.VIRTUAL_DISK_ID)
          || id.equals(Guid.LOGICAL_SECTOR_SIZE)
          || id.equals(Guid.PHYSICAL_SECTOR_SIZE)
          || id.equals(Guid.PARENT_LOCATOR);
    }

    private int find(UUID id) throws IOException {
      for (int i = 0; i < count; i++) {
        if (MixedUuid.get(table, entry(i)).equals(id)) {
          return entry(i);
        }
      }
      throw corrupt(0, "item " + id + " is missing");
    }

    private ByteBuffer item(UUID id, int minBytes) throws IOException {
      int entry = find(id);
      long offset = table.getInt(entry + 16) & 0xffff_ffffL;
      long length = table.getInt(entry + 20) & 0xffff_ffffL;
      if (length < minBytes
          || length > MAX_ITEM_BYTES
          || offset < TABLE_BYTES
          || offset + length > regions.metadataLength()) {
        throw corrupt(entry, "an item of %d bytes at %d".formatted(length, offset));
      }
      claim(entry, offset, offset + length);
      ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
      file.read(regions.metadataOffset() + offset, bytes);
      return bytes.clear();
    }

    /** Else a change of one item, as of the disk's size, would be a change of another, too. */
    private void claim(int entry, long first, long end) throws CorruptImageException {
      for (Map.Entry<Integer, long[]> other : places.entrySet()) {
        boolean overlaps = first < other.getValue()[1] && other.getValue()[0] < end;
        if (overlaps && other.getKey() != entry) {
          throw corrupt(entry, "an item at %d that lies over another".formatted(first));
        }
      }
      places.put(entry, new long[] {first, end});
    }

    private Map<String, String> locator() throws IOException {
      ByteBuffer item = item(Guid.PARENT_LOCATOR, 20);
      int pairs = item.getShort(18) & 0xffff;
      if (!MixedUuid.get(item, 0).equals(Guid.VHDX_LOCATOR) || 20 + pairs * 12 > item.capacity()) {
        throw corrupt(find(Guid.PARENT_LOCATOR), "a parent locator that is not known");
      }
      Map<String, String> locator = new LinkedHashMap<>();
      for (int i = 0; i < Math.min(pairs, 64); i++) {
        int at = 20 + i * 12;
        locator.put(
            text(item, item.getInt(at), item.getShort(at + 8) & 0xffff),
            text(item, item.getInt(at + 4), item.getShort(at + 10) & 0xffff));
      }
      return locator;
    }

    /** Where in the region a value of the locator lies. */
    long locatorValue(String key, int length) throws IOException {
      ByteBuffer item = item(Guid.PARENT_LOCATOR, 20);
      int pairs = item.getShort(18) & 0xffff;
      for (int i = 0; i < pairs && 32 + i * 12 <= item.capacity(); i++) {
        int at = 20 + i * 12;
        if (text(item, item.getInt(at), item.getShort(at + 8) & 0xffff).equals(key)
            && (item.getShort(at + 10) & 0xffff) == length) {
          String ignored = text(item, item.getInt(at + 4), length);
          return (table.getInt(find(Guid.PARENT_LOCATOR) + 16) & 0xffff_ffffL)
              + item.getInt(at + 4);
        }
      }
      throw corrupt(find(Guid.PARENT_LOCATOR), "a parent locator without " + key);
    }

    private String text(ByteBuffer item, int offset, int length) throws IOException {
      if (offset < 0 || offset > item.capacity() - length) {
        throw corrupt(find(Guid.PARENT_LOCATOR), "a parent locator points outside of itself");
      }
      return new String(item.array(), offset, length, StandardCharsets.UTF_16LE);
    }

    private CorruptImageException corrupt(long offset, String rule) {
      return new CorruptImageException(file.name(), regions.metadataOffset() + offset, rule);
    }
  }

  /** Writes the whole region for a new disk. */
  void write(ImageFile file, long position) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(TABLE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer items = ByteBuffer.allocate(TABLE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    table.putLong(0, SIGNATURE);
    int at = add(table, items, 0, Guid.FILE_PARAMETERS, 8, 0);
    items.putInt(at, blockBytes).putInt(at + 4, (isFixed ? 1 : 0) | (hasParent ? 2 : 0));
    at = add(table, items, at + 8, Guid.VIRTUAL_DISK_SIZE, 8, FLAG_VIRTUAL_DISK);
    items.putLong(at, sizeBytes);
    at = add(table, items, at + 8, Guid.VIRTUAL_DISK_ID, 16, FLAG_VIRTUAL_DISK);
    MixedUuid.put(items, at, diskId);
    at = add(table, items, at + 16, Guid.LOGICAL_SECTOR_SIZE, 4, FLAG_VIRTUAL_DISK);
    items.putInt(at, logicalSectorBytes);
    at = add(table, items, at + 4, Guid.PHYSICAL_SECTOR_SIZE, 4, FLAG_VIRTUAL_DISK);
    items.putInt(at, physicalSectorBytes);
    if (hasParent) {
      byte[] packed = packedLocator();
      at = add(table, items, at + 4, Guid.PARENT_LOCATOR, packed.length, 0);
      items.put(at, packed);
    }
    file.write(position, table.clear());
    file.write(position + TABLE_BYTES, items.clear());
  }

  private static int add(
      ByteBuffer table, ByteBuffer items, int offset, UUID id, int length, int flags) {
    int count = table.getShort(10);
    int entry = 32 + count * ENTRY_BYTES;
    MixedUuid.put(table, entry, id);
    table.putInt(entry + 16, TABLE_BYTES + offset);
    table.putInt(entry + 20, length);
    table.putInt(entry + 24, flags | FLAG_REQUIRED);
    table.putShort(10, (short) (count + 1));
    return offset;
  }

  private byte[] packedLocator() {
    ByteBuffer b = ByteBuffer.allocate(32 << 10).order(ByteOrder.LITTLE_ENDIAN);
    MixedUuid.put(b, 0, Guid.VHDX_LOCATOR);
    b.putShort(18, (short) locator.size());
    int end = 20 + locator.size() * 12;
    int entry = 20;
    for (Map.Entry<String, String> pair : locator.entrySet()) {
      byte[] key = pair.getKey().getBytes(StandardCharsets.UTF_16LE);
      byte[] value = pair.getValue().getBytes(StandardCharsets.UTF_16LE);
      b.putInt(entry, end).putInt(entry + 4, end + key.length);
      b.putShort(entry + 8, (short) key.length).putShort(entry + 10, (short) value.length);
      b.put(end, key).put(end + key.length, value);
      end += key.length + value.length;
      entry += 12;
    }
    return java.util.Arrays.copyOf(b.array(), end);
  }
}
