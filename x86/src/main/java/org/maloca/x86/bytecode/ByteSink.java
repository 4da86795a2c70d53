package org.maloca.x86.bytecode;

import java.util.Arrays;

/** Bytes that are written one behind the other, big-endian. */
final class ByteSink {
  private byte[] bytes = new byte[1024];
  private int length;

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  ByteSink u1(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
    return this;
  }

  ByteSink u2(int value) {
    reserve(2);
    bytes[length++] = (byte) (value >> 8);
    bytes[length++] = (byte) value;
    return this;
  }

  ByteSink u4(int value) {
    return u2(value >>> 16).u2(value);
  }

  ByteSink u8(long value) {
    return u4((int) (value >>> 32)).u4((int) value);
  }

  ByteSink append(ByteSink other) {
    reserve(other.length);
    System.arraycopy(other.bytes, 0, bytes, length, other.length);
    length += other.length;
    return this;
  }

  ByteSink append(byte[] others) {
    reserve(others.length);
    System.arraycopy(others, 0, bytes, length, others.length);
    length += others.length;
    return this;
  }

  void putU2(int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }

  void putU4(int at, int value) {
    putU2(at, value >>> 16);
    putU2(at + 2, value);
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }
}
