package org.maloca.block.qcow2;

import java.util.Arrays;

/** A set of numbers that are not negative, by open addressing; reading it allocates nothing. */
final class LongSet {
  private static final long EMPTY = -1;

  private long[] slots = filled(64);
  private int size;

  private static long[] filled(int length) {
    long[] slots = new long[length];
    Arrays.fill(slots, EMPTY);
    return slots;
  }

  void clear() {
    slots = filled(64);
    size = 0;
  }

  boolean contains(long value) {
    return slots[find(value)] == value;
  }

  /** Adds a number; false when it was there. */
  boolean add(long value) {
    int i = find(value);
    if (slots[i] == value) {
      return false;
    }
    slots[i] = value;
    if (++size * 2 > slots.length) {
      long[] old = slots;
      slots = filled(old.length * 2);
      for (long each : old) {
        if (each != EMPTY) {
          slots[find(each)] = each;
        }
      }
    }
    return true;
  }

  void remove(long value) {
    int mask = slots.length - 1;
    int i = find(value);
    if (slots[i] != value) {
      return;
    }
    slots[i] = EMPTY;
    size--;
    // What came after it in its chain must be found without it.
    for (i = i + 1 & mask; slots[i] != EMPTY; i = i + 1 & mask) {
      long moved = slots[i];
      slots[i] = EMPTY;
      slots[find(moved)] = moved;
    }
  }

  private int find(long value) {
    int mask = slots.length - 1;
    int i = (int) (value * 0x9e3779b97f4a7c15L >>> 32) & mask;
    while (slots[i] != EMPTY && slots[i] != value) {
      i = i + 1 & mask;
    }
    return i;
  }
}
