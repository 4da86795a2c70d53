package org.maloca.devices.scsi;

/** Numbers as SCSI writes them: the most significant byte first. */
final class BigEndian {
  private BigEndian() {}

  /** Reads 1 to 8 bytes. */
  static long get(byte[] bytes, int offset, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value = value << 8 | bytes[offset + i] & 0xff;
    }
    return value;
  }

  /** Writes the low 1 to 8 bytes of a value. */
  static void put(byte[] bytes, int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * (size - 1 - i));
    }
  }
}
