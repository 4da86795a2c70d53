package org.maloca.x86.integer;

import org.maloca.x86.Flags;

/** Fields of bits for BEXTR and BZHI (AMD APM vol. 3). */
public final class BitField {
  private BitField() {}

  /** BEXTR: {@code control} is the first bit's number, and the count in its second byte. */
  public static long extract(long source, int control) {
    int start = control & 0xff;
    long field = start < 64 ? source >>> start : 0;
    return lowBits(field, control >>> 8 & 0xff);
  }

  /** All flags after BEXTR, the undefined ones as on AMD's silicon. */
  public static int flagsOfExtract(long result) {
    return Flags.AF | Flags.parity(result) | (result == 0 ? Flags.ZF : 0);
  }

  /** The lowest {@code count} bits, or all from 64 on. */
  public static long lowBits(long value, int count) {
    return count < 64 ? value & (1L << count) - 1 : value;
  }
}
