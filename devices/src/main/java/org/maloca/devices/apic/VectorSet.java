package org.maloca.devices.apic;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/** The 256 bits of an IRR, ISR or TMR. Not thread-safe. */
final class VectorSet {
  private long bits0;
  private long bits1;
  private long bits2;
  private long bits3;

  boolean get(int vector) {
    return (word(vector >> 6) >>> vector & 1) != 0;
  }

  void set(int vector) {
    setWord(vector >> 6, word(vector >> 6) | 1L << vector);
  }

  void clear(int vector) {
    setWord(vector >> 6, word(vector >> 6) & ~(1L << vector));
  }

  void clearAll() {
    bits0 = 0;
    bits1 = 0;
    bits2 = 0;
    bits3 = 0;
  }

  /** The highest vector in the set, or -1. */
  int highest() {
    if (bits3 != 0) {
      return 255 - Long.numberOfLeadingZeros(bits3);
    }
    if (bits2 != 0) {
      return 191 - Long.numberOfLeadingZeros(bits2);
    }
    if (bits1 != 0) {
      return 127 - Long.numberOfLeadingZeros(bits1);
    }
    return 63 - Long.numberOfLeadingZeros(bits0);
  }

  /** One of the eight 32-bit registers that show the set. */
  int register(int index) {
    return (int) (word(index >> 1) >>> 32 * (index & 1));
  }

  private long word(int index) {
    return switch (index) {
      case 0 -> bits0;
      case 1 -> bits1;
      case 2 -> bits2;
      default -> bits3;
    };
  }

  private void setWord(int index, long value) {
    switch (index) {
      case 0 -> bits0 = value;
      case 1 -> bits1 = value;
      case 2 -> bits2 = value;
      default -> bits3 = value;
    }
  }

  void save(SnapshotWriter.Section section) {
    section.put(bits0).put(bits1).put(bits2).put(bits3);
  }

  void restore(SnapshotReader.Section section) {
    bits0 = section.getLong();
    bits1 = section.getLong();
    bits2 = section.getLong();
    bits3 = section.getLong();
  }
}
