package org.maloca.fuzz.guided;

import java.io.ByteArrayOutputStream;

/** Writes what {@link Input} reads, to make seeds. */
public final class Output {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public Output u8(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  public Output u16(int value) {
    return u8(value, value >> 8);
  }

  public Output i32(int value) {
    return u16(value).u16(value >> 16);
  }

  public Output i64(long value) {
    return i32((int) value).i32((int) (value >> 32));
  }

  public Output bytes(byte... array) {
    bytes.writeBytes(array);
    return this;
  }

  public byte[] toByteArray() {
    return bytes.toByteArray();
  }
}
