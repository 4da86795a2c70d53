package org.maloca.cli.cloud;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * System use fields of directory records (SUSP, IEEE P1281, and RRIP, IEEE P1282): a file's name
 * and its POSIX attributes, with which it belongs to root and can be read by all.
 */
final class RockRidge {
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final String EXTENSION = "RRIP_1991A";

  private RockRidge() {}

  /** Of the root's own record, which says that the fields are in use at all. */
  static byte[] root(int continuationSector) {
    ByteBuffer fields = ByteBuffer.allocate(7 + 36 + 28);
    fields.put(ascii("SP")).put((byte) 7).put((byte) 1);
    fields.put((byte) 0xbe).put((byte) 0xef).put((byte) 0);
    posixAttributes(fields, S_IFDIR | 0755, 2);
    fields.put(ascii("CE")).put((byte) 28).put((byte) 1);
    IsoImage.bothOrders(fields, continuationSector);
    IsoImage.bothOrders(fields, 0);
    IsoImage.bothOrders(fields, extensionReference().length);
    return fields.array();
  }

  /** Of a record for a directory. */
  static byte[] directory() {
    ByteBuffer fields = ByteBuffer.allocate(36);
    posixAttributes(fields, S_IFDIR | 0755, 2);
    return fields.array();
  }

  static byte[] file(String name) {
    ByteBuffer fields = ByteBuffer.allocate(36 + 5 + name.length());
    posixAttributes(fields, S_IFREG | 0444, 1);
    fields.put(ascii("NM")).put((byte) (5 + name.length())).put((byte) 1).put((byte) 0);
    fields.put(ascii(name));
    return fields.array();
  }

  /** Names the extension, where the root's record continues. */
  static byte[] extensionReference() {
    ByteBuffer field = ByteBuffer.allocate(256);
    String descriptor =
        "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM" + " SEMANTICS";
    String source = "SEE IEEE P1282";
    int length = 8 + EXTENSION.length() + descriptor.length() + source.length();
    field.put(ascii("ER")).put((byte) length).put((byte) 1);
    field.put((byte) EXTENSION.length()).put((byte) descriptor.length());
    field.put((byte) source.length()).put((byte) 1);
    field.put(ascii(EXTENSION)).put(ascii(descriptor)).put(ascii(source));
    return Arrays.copyOf(field.array(), length);
  }

  private static void posixAttributes(ByteBuffer fields, int mode, int links) {
    fields.put(ascii("PX")).put((byte) 36).put((byte) 1);
    IsoImage.bothOrders(fields, mode);
    IsoImage.bothOrders(fields, links);
    IsoImage.bothOrders(fields, 0);
    IsoImage.bothOrders(fields, 0);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
