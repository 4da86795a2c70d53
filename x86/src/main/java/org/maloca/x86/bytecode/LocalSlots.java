package org.maloca.x86.bytecode;

import java.util.Arrays;

/**
 * Where a method's local variables are. Who emits code names slots, of which most methods use few;
 * they get the places from 0 on in the order in which they are first mentioned, since HotSpot's
 * compilers take time for each place up to the last at nearly every instruction. A slot that holds
 * one word at times and two at others has a place for each.
 */
final class LocalSlots {
  private static final int ABSENT = -1;

  /** By slot, twice for each: of one word, and of two. */
  private int[] places = {};

  /** The slot that each place belongs to. */
  private int[] slots = new int[32];

  private int count;

  /** The place of a slot, which it gets now if it has none. */
  int place(int slot, boolean wide) {
    int key = 2 * slot + (wide ? 1 : 0);
    if (key >= places.length) {
      int known = places.length;
      places = Arrays.copyOf(places, key + 64);
      Arrays.fill(places, known, places.length, ABSENT);
    }
    if (places[key] == ABSENT) {
      places[key] = count;
      take(slot);
      if (wide) {
        take(slot);
      }
    }
    return places[key];
  }

  private void take(int slot) {
    if (count == slots.length) {
      slots = Arrays.copyOf(slots, 2 * count);
    }
    slots[count++] = slot;
  }

  /** The slot that is at each place. */
  int[] slots() {
    return Arrays.copyOf(slots, count);
  }
}
