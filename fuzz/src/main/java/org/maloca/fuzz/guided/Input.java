package org.maloca.fuzz.guided;

import java.util.Arrays;

/** Reads numbers and bytes from an input, little-endian; behind its end all is zero. */
public final class Input {
  private final byte[] bytes;
  private int at;

  public Input(byte[] bytes) {
    this.bytes = bytes;
  }

  public boolean hasMore() {
    return at < bytes.length;
  }

  /** An unsigned byte. */
  public int u8() {
    return at < bytes.length ? bytes[at++] & 0xff : 0;
  }

  public int u16() {
    return u8() | u8() << 8;
  }

  public int i32() {
    return u16() | u16() << 16;
  }

  public long i64() {
    return i32() & 0xffff_ffffL | (long) i32() << 32;
  }

  /** The next bytes, fewer where the input ends. */
  public byte[] take(int length) {
    int end = Math.min(bytes.length, at + length);
    byte[] taken = Arrays.copyOfRange(bytes, at, end);
    at = end;
    return taken;
  }
}
