package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;

/**
 * One look at the TLB for accesses whose addresses are near each other, at constant distances: the
 * first of them finds out whether the page is there in which all of them lie.
 */
final class SharedLookup {
  /** What the addresses count from. */
  final Origin origin;

  /** The local that holds the host address of {@link #low}, once it is known. */
  final int local;

  /** Displacements of the first byte and behind the last. */
  private long low;

  private long high;
  private boolean stores;
  private int accesses;
  private boolean known;

  /**
   * What addresses of the same form have in common: origins of the base and the index, or {@link
   * KnownAddresses#NONE}.
   */
  record Origin(int base, int index, int scale) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Origin that
          && base == that.base
          && index == that.index
          && scale == that.scale;
    }

    @Override
    public int hashCode() {
      return 31 * (31 * base + index) + scale;
    }
  }

  SharedLookup(Origin origin, int local, long low, long high, boolean stores) {
    this.origin = origin;
    this.local = local;
    this.low = low;
    this.high = high;
    this.stores = stores;
  }

  long low() {
    return low;
  }

  int bytes() {
    return (int) (high - low);
  }

  /** Whether there are stores among the accesses. */
  boolean stores() {
    return stores;
  }

  /** Whether it also does for an access; none is added once it was emitted. */
  boolean covers(long from, int size, boolean isStore) {
    return low <= from && from + size <= high && (stores || !isStore);
  }

  /** Has it do for an access, too, unless that is too far away. */
  boolean take(long from, int size, boolean isStore, int mostBytes) {
    long newLow = Math.min(low, from);
    long newHigh = Math.max(high, from + size);
    if (newHigh - newLow > mostBytes || newHigh - newLow < 0) {
      return false;
    }
    low = newLow;
    high = newHigh;
    stores |= isStore;
    return true;
  }

  /** Counts an access of the block itself. */
  void count() {
    accesses++;
  }

  int accesses() {
    return accesses;
  }

  /** Whether it was emitted. */
  boolean isKnown() {
    return known;
  }

  void setKnown() {
    known = true;
  }
}
