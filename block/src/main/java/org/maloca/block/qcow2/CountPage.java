package org.maloca.block.qcow2;

import java.util.Arrays;

/**
 * Counts of {@value #SIZE} neighbours: those that are not zero with their places as long as they
 * are few, then all. A hostile image may use clusters that are all far apart.
 */
final class CountPage {
  static final int SIZE = 1 << 12;

  private static final int FEW = 256;

  /** In ascending order; of no use once there is {@link #all}. */
  private short[] places = new short[2];

  private int[] counts = new int[2];
  private int used;
  private int[] all = {};

  void add(int place, int times) {
    if (all.length > 0) {
      all[place] += times;
      return;
    }
    int index = Arrays.binarySearch(places, 0, used, (short) place);
    if (index >= 0) {
      counts[index] += times;
    } else if (used < FEW) {
      insert(-index - 1, place, times);
    } else {
      spread();
      all[place] += times;
    }
  }

  private void insert(int index, int place, int times) {
    if (used == places.length) {
      places = Arrays.copyOf(places, 2 * used);
      counts = Arrays.copyOf(counts, 2 * used);
    }
    System.arraycopy(places, index, places, index + 1, used - index);
    System.arraycopy(counts, index, counts, index + 1, used - index);
    places[index] = (short) place;
    counts[index] = times;
    used++;
  }

  private void spread() {
    all = new int[SIZE];
    for (int i = 0; i < used; i++) {
      all[places[i]] = counts[i];
    }
    places = new short[0];
    counts = new int[0];
  }

  int get(int place) {
    if (all.length > 0) {
      return all[place];
    }
    int index = Arrays.binarySearch(places, 0, used, (short) place);
    return index >= 0 ? counts[index] : 0;
  }

  /** The first place from one on whose count is not zero; {@link #SIZE} if there is none. */
  int next(int place) {
    if (all.length > 0) {
      int at = place;
      while (at < SIZE && all[at] == 0) {
        at++;
      }
      return at;
    }
    int index = Arrays.binarySearch(places, 0, used, (short) place);
    int following = index >= 0 ? index : -index - 1;
    while (following < used && counts[following] == 0) {
      following++;
    }
    return following < used ? places[following] : SIZE;
  }
}
