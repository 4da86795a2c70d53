package org.maloca.x86.ir;

/** The format of an x87 instruction's memory operand. */
public enum X87Format {
  NONE(0),
  FLOAT32(4),
  FLOAT64(8),
  FLOAT80(10),
  INT16(2),
  INT32(4),
  INT64(8),
  BCD80(10);

  private final int bytes;

  X87Format(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }
}
