package org.maloca.devices.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes one system description table: the 36-byte header of ACPI Specification 6.4, section 5.2.6,
 * then fields in order, then length and checksum.
 */
final class TableWriter {
  static final int HEADER_BYTES = 36;

  private static final int LENGTH = 4;
  private static final int CHECKSUM = 9;
  private static final String OEM_ID = "MALOCA";
  private static final String OEM_TABLE_ID = "MALOCAPC";
  private static final String CREATOR_ID = "MLCA";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TableWriter(String signature, int revision) {
    ascii(signature).u32(0).u8(revision).u8(0);
    ascii(OEM_ID).ascii(OEM_TABLE_ID).u32(1).ascii(CREATOR_ID).u32(1);
  }

  private TableWriter() {}

  /** A structure without the common header. */
  static TableWriter headerless() {
    return new TableWriter();
  }

  static String oemId() {
    return OEM_ID;
  }

  TableWriter u8(int value) {
    out.write(value);
    return this;
  }

  TableWriter u16(int value) {
    return bytes(Aml.littleEndian(value, 2));
  }

  TableWriter u32(long value) {
    return bytes(Aml.littleEndian(value, 4));
  }

  TableWriter u64(long value) {
    return bytes(Aml.littleEndian(value, 8));
  }

  TableWriter ascii(String value) {
    return bytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  TableWriter bytes(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  TableWriter zeros(int count) {
    return bytes(new byte[count]);
  }

  /** A Generic Address Structure (section 5.2.3.2). */
  TableWriter gas(int space, int bitWidth, int accessSize, long address) {
    return u8(space).u8(bitWidth).u8(0).u8(accessSize).u64(address);
  }

  int size() {
    return out.size();
  }

  /** The bytes so far, as they are. */
  byte[] raw() {
    return out.toByteArray();
  }

  /** The finished table. */
  byte[] table() {
    byte[] table = raw();
    System.arraycopy(Aml.littleEndian(table.length, 4), 0, table, LENGTH, 4);
    table[CHECKSUM] = checksum(table, table.length);
    return table;
  }

  /** The byte that makes the sum of the first {@code length} bytes zero, itself being zero now. */
  static byte checksum(byte[] bytes, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }
}
