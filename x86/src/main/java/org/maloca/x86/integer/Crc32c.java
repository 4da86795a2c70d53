package org.maloca.x86.integer;

/**
 * CRC32 (Intel SDM vol. 2): the checksum with the Castagnoli polynomial, of 1, 2, 4 or 8 bytes at a
 * time. Each byte of a word is looked up in a table of its own, so that the look-ups do not wait
 * for each other.
 */
public final class Crc32c {
  /** The polynomial 0x11edc6f41, reflected. */
  private static final int POLYNOMIAL = 0x82f6_3b78;

  /** Checksums of a byte that 0 to 7 zero bytes follow, one table after the other. */
  private static final int[] TABLES = tables();

  private Crc32c() {}

  /** Adds the low byte of a value to a checksum. */
  public static int update1(int crc, int value) {
    return TABLES[(crc ^ value) & 0xff] ^ crc >>> 8;
  }

  /** Adds the low two bytes of a value. */
  public static int update2(int crc, int value) {
    int x = crc ^ value;
    return TABLES[256 + (x & 0xff)] ^ TABLES[x >>> 8 & 0xff] ^ crc >>> 16;
  }

  /** Adds four bytes. */
  public static int update4(int crc, int value) {
    int x = crc ^ value;
    return TABLES[768 + (x & 0xff)]
        ^ TABLES[512 + (x >>> 8 & 0xff)]
        ^ TABLES[256 + (x >>> 16 & 0xff)]
        ^ TABLES[x >>> 24];
  }

  /** Adds eight bytes. */
  public static int update8(int crc, long value) {
    int x = crc ^ (int) value;
    int y = (int) (value >>> 32);
    return TABLES[1792 + (x & 0xff)]
        ^ TABLES[1536 + (x >>> 8 & 0xff)]
        ^ TABLES[1280 + (x >>> 16 & 0xff)]
        ^ TABLES[1024 + (x >>> 24)]
        ^ TABLES[768 + (y & 0xff)]
        ^ TABLES[512 + (y >>> 8 & 0xff)]
        ^ TABLES[256 + (y >>> 16 & 0xff)]
        ^ TABLES[y >>> 24];
  }

  private static int[] tables() {
    int[] tables = new int[8 * 256];
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ (crc & 1) * POLYNOMIAL;
      }
      tables[i] = crc;
    }
    for (int i = 256; i < tables.length; i++) {
      int before = tables[i - 256];
      tables[i] = tables[before & 0xff] ^ before >>> 8;
    }
    return tables;
  }
}
