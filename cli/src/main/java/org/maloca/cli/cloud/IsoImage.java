package org.maloca.cli.cloud;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a CD image with a few files in its root directory: ISO 9660 (ECMA-119) at level 1, with
 * Rock Ridge (RRIP 1.10) and Joliet names, so that every system sees the files under exactly the
 * names that were given. The same files give the same bytes.
 */
public final class IsoImage {
  static final int SECTOR = 2048;

  private static final int PRIMARY_DESCRIPTOR = 16;
  private static final int JOLIET_DESCRIPTOR = 17;
  private static final int TERMINATOR = 18;
  private static final int PRIMARY_PATH_TABLE = 19;
  private static final int JOLIET_PATH_TABLE = 21;
  private static final int PRIMARY_ROOT = 23;
  private static final int JOLIET_ROOT = 24;
  private static final int ROCK_RIDGE_EXTENSION = 25;
  private static final int FIRST_FILE = 26;

  private static final int ROOT_PATH_TABLE_BYTES = 10;

  /** More would not fit the one sector of each directory. */
  private static final int MAX_FILES = 8;

  private static final int MAX_NAME = 64;

  /** A file: its name, and its name at level 1. */
  private record Entry(String name, String shortName, byte[] content, int sector) {}

  private final String volumeId;
  private final List<Entry> entries = new ArrayList<>();
  private int nextSector = FIRST_FILE;

  /**
   * Makes an image without files.
   *
   * @param volumeId up to 16 ASCII characters
   */
  public IsoImage(String volumeId) {
    if (volumeId.length() > 16 || !StandardCharsets.US_ASCII.newEncoder().canEncode(volumeId)) {
      throw new IllegalArgumentException("'" + volumeId + "' cannot be a volume's name");
    }
    this.volumeId = volumeId;
  }

  /** Adds a file. */
  public void add(String name, byte[] content) {
    if (entries.size() == MAX_FILES
        || name.isEmpty()
        || name.length() > MAX_NAME
        || !name.matches("[A-Za-z0-9._-]+")
        || entries.stream().anyMatch(entry -> entry.name.equals(name))) {
      throw new IllegalArgumentException("'" + name + "' cannot be a file of the image");
    }
    entries.add(new Entry(name, shortName(name), content.clone(), nextSector));
    nextSector += Math.ceilDiv(content.length, SECTOR);
  }

  /** Eight characters of those that level 1 has (ECMA-119, section 7.4.1), none twice. */
  private String shortName(String name) {
    Set<String> taken = new HashSet<>();
    entries.forEach(entry -> taken.add(entry.shortName));
    String plain = name.toUpperCase(java.util.Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    String stem = plain.substring(0, Math.min(8, plain.length()));
    for (int number = 0; ; number++) {
      String suffix = number == 0 ? "" : Integer.toString(number);
      String wish = stem.substring(0, Math.min(stem.length(), 8 - suffix.length())) + suffix;
      if (!taken.contains(wish + ".;1")) {
        return wish + ".;1";
      }
    }
  }

  /** The image's bytes. */
  public byte[] build() {
    ByteBuffer image = ByteBuffer.allocate(nextSector * SECTOR);
    descriptor(image, PRIMARY_DESCRIPTOR, false);
    descriptor(image, JOLIET_DESCRIPTOR, true);
    image.position(TERMINATOR * SECTOR).put((byte) 255).put(ascii("CD001")).put((byte) 1);
    pathTables(image, PRIMARY_PATH_TABLE, PRIMARY_ROOT);
    pathTables(image, JOLIET_PATH_TABLE, JOLIET_ROOT);
    directory(image, PRIMARY_ROOT, false);
    directory(image, JOLIET_ROOT, true);
    image.position(ROCK_RIDGE_EXTENSION * SECTOR).put(RockRidge.extensionReference());
    for (Entry entry : entries) {
      image.position(entry.sector * SECTOR).put(entry.content);
    }
    return image.array();
  }

  /** A volume descriptor (ECMA-119, sections 8.4 and 8.5). */
  private void descriptor(ByteBuffer image, int sector, boolean isJoliet) {
    int start = sector * SECTOR;
    image.position(start).put((byte) (isJoliet ? 2 : 1)).put(ascii("CD001")).put((byte) 1);
    image.put((byte) 0);
    text(image, "", 32, isJoliet);
    text(image, volumeId, 32, isJoliet);
    image.putLong(0);
    bothOrders(image, nextSector);
    // The escape sequence of UCS-2 level 3 says that the descriptor is Joliet's.
    image.put(isJoliet ? ascii("%/E") : new byte[3]).position(start + 120);
    bothOrders16(image, 1);
    bothOrders16(image, 1);
    bothOrders16(image, SECTOR);
    bothOrders(image, ROOT_PATH_TABLE_BYTES);
    int table = isJoliet ? JOLIET_PATH_TABLE : PRIMARY_PATH_TABLE;
    image.putInt(Integer.reverseBytes(table)).putInt(0).putInt(table + 1).putInt(0);
    int root = isJoliet ? JOLIET_ROOT : PRIMARY_ROOT;
    image.put(record(root, SECTOR, true, new byte[] {0}, new byte[0]));
    for (int bytes : new int[] {128, 128, 128, 128, 37, 37, 37}) {
      text(image, "", bytes, isJoliet);
    }
    image.put(ascii("1970010100000000")).put((byte) 0);
    image.put(ascii("1970010100000000")).put((byte) 0);
    image.put(ascii("0000000000000000")).put((byte) 0);
    image.put(ascii("0000000000000000")).put((byte) 0);
    image.put((byte) 1);
  }

  /** Path tables with the root alone, in both byte orders (ECMA-119, section 9.4). */
  private static void pathTables(ByteBuffer image, int sector, int root) {
    image.position(sector * SECTOR).put((byte) 1).put((byte) 0);
    image.putInt(Integer.reverseBytes(root)).putShort((short) 0x0100);
    image.position((sector + 1) * SECTOR).put((byte) 1).put((byte) 0);
    image.putInt(root).putShort((short) 1);
  }

  private void directory(ByteBuffer image, int sector, boolean isJoliet) {
    image.position(sector * SECTOR);
    byte[] selfUse = isJoliet ? new byte[0] : RockRidge.root(ROCK_RIDGE_EXTENSION);
    byte[] parentUse = isJoliet ? new byte[0] : RockRidge.directory();
    image.put(record(sector, SECTOR, true, new byte[] {0}, selfUse));
    image.put(record(sector, SECTOR, true, new byte[] {1}, parentUse));
    Comparator<Entry> order =
        isJoliet ? Comparator.comparing(Entry::name) : Comparator.comparing(Entry::shortName);
    for (Entry entry : entries.stream().sorted(order).toList()) {
      byte[] id =
          isJoliet ? (entry.name).getBytes(StandardCharsets.UTF_16BE) : ascii(entry.shortName);
      byte[] systemUse = isJoliet ? new byte[0] : RockRidge.file(entry.name);
      image.put(record(entry.sector, entry.content.length, false, id, systemUse));
    }
  }

  /** A directory record (ECMA-119, section 9.1). */
  private static byte[] record(
      int sector, int length, boolean isDirectory, byte[] id, byte[] systemUse) {
    int padding = (id.length + 1) % 2;
    int size = 33 + id.length + padding + systemUse.length;
    ByteBuffer record = ByteBuffer.allocate(size + size % 2);
    record.put((byte) record.capacity()).put((byte) 0);
    bothOrders(record, sector);
    bothOrders(record, length);
    record.put(new byte[] {70, 1, 1, 0, 0, 0, 0});
    record.put((byte) (isDirectory ? 2 : 0)).put((byte) 0).put((byte) 0);
    bothOrders16(record, 1);
    record.put((byte) id.length).put(id);
    record.position(33 + id.length + padding);
    record.put(systemUse);
    return record.array();
  }

  private static void text(ByteBuffer image, String text, int bytes, boolean isJoliet) {
    ByteArrayOutputStream padded = new ByteArrayOutputStream();
    int width = isJoliet ? 2 : 1;
    for (int i = 0; i < bytes / width; i++) {
      if (isJoliet) {
        padded.write(0);
      }
      padded.write(i < text.length() ? text.charAt(i) : ' ');
    }
    if (padded.size() < bytes) {
      padded.write(0);
    }
    image.put(padded.toByteArray());
  }

  static void bothOrders(ByteBuffer buffer, int value) {
    buffer.putInt(Integer.reverseBytes(value)).putInt(value);
  }

  private static void bothOrders16(ByteBuffer buffer, int value) {
    buffer.putShort(Short.reverseBytes((short) value)).putShort((short) value);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
