package org.maloca.block.table;

import java.util.Arrays;

/**
 * A set of numbers from 0 on, of which most lie together and some may lie anywhere: what it takes
 * follows how many there are, not how large they are. Words of 64 numbers by open addressing.
 */
public final class SparseBits {
  private static final long EMPTY = -1;
  private static final int FIRST_LENGTH = 64;

  private long[] keys = emptyKeys(FIRST_LENGTH);
  private long[] words = new long[FIRST_LENGTH];
  private int size;

  private static long[] emptyKeys(int length) {
    long[] keys = new long[length];
    Arrays.fill(keys, EMPTY);
    return keys;
  }

  public void clear() {
    keys = emptyKeys(FIRST_LENGTH);
    words = new long[FIRST_LENGTH];
    size = 0;
  }

  /** Adds a number; false when it was there. */
  public boolean add(long number) {
    long key = number >>> 6;
    int slot = find(keys, key);
    if (keys[slot] == EMPTY) {
      if (++size * 2 > keys.length) {
        grow();
        slot = find(keys, key);
      }
      keys[slot] = key;
    }
    long bit = 1L << number;
    boolean isNew = (words[slot] & bit) == 0;
    words[slot] |= bit;
    return isNew;
  }

  public boolean contains(long number) {
    int slot = find(keys, number >>> 6);
    return keys[slot] != EMPTY && (words[slot] & 1L << number) != 0;
  }

  private void grow() {
    long[] more = emptyKeys(keys.length * 2);
    long[] moreWords = new long[more.length];
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != EMPTY) {
        int slot = find(more, keys[i]);
        more[slot] = keys[i];
        moreWords[slot] = words[i];
      }
    }
    keys = more;
    words = moreWords;
  }

  private static int find(long[] keys, long key) {
    int mask = keys.length - 1;
    int slot = (int) (key * 0x9e37_79b9_7f4a_7c15L >>> 32) & mask;
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
