package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.code.CodeCache;

/**
 * The regions in use, all vCPUs' together: which is the hottest, and which have to go when there
 * are too many. For the translator's thread; heat is read while vCPUs count on.
 */
final class LiveRegions {
  /** Below the limit by so much after making room, so that it is not made for each new region. */
  private static final int ROOM_DIVISOR = 8;

  private final List<Entry> entries = new ArrayList<>();
  private final int limit;

  private static final class Entry {
    final Region region;
    final CodeCache cache;

    /** Heat when room was made the last time. */
    long heatBefore;

    /** A better one was asked for. */
    boolean asked;

    private long recentHeat;

    Entry(Region region, CodeCache cache) {
      this.region = region;
      this.cache = cache;
    }

    /** Looks at the heat, which vCPUs go on to count, once for all comparisons. */
    void takeHeat() {
      recentHeat = region.heat - heatBefore;
    }
  }

  /**
   * Makes it.
   *
   * @param limit regions that may be in use
   */
  LiveRegions(int limit) {
    this.limit = limit;
  }

  /** Takes a region that is in use from now on; the least used have to go if they are too many. */
  void add(Region region, CodeCache cache) {
    entries.add(new Entry(region, cache));
    if (entries.size() > limit) {
      makeRoom();
    }
  }

  private void makeRoom() {
    forgetDropped();
    if (entries.size() > limit) {
      entries.forEach(Entry::takeHeat);
      entries.sort(Comparator.comparingLong(entry -> entry.recentHeat));
      int surplus = entries.size() - (limit - limit / ROOM_DIVISOR);
      List<Entry> coldest = entries.subList(0, surplus);
      coldest.forEach(entry -> entry.cache.requestDrop(entry.region));
      coldest.clear();
      entries.forEach(entry -> entry.heatBefore = entry.region.heat);
    }
  }

  private void forgetDropped() {
    entries.removeIf(entry -> !entry.region.valid);
  }

  /** The hottest small region for which no better one was asked yet; it now is. Null if none. */
  @Nullable Region takeHottest(long leastHeat) {
    forgetDropped();
    Entry hottest = null;
    long mostHeat = leastHeat - 1;
    for (Entry entry : entries) {
      // vCPUs count on: one look at each.
      long heat = entry.region.heat;
      if (heat > mostHeat && !entry.asked && !entry.region.isBest()) {
        hottest = entry;
        mostHeat = heat;
      }
    }
    if (hottest == null) {
      return null;
    }
    hottest.asked = true;
    return hottest.region;
  }
}
