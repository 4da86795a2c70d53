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

  /** What was not executed for so many looks is not thought to be again soon. */
  private static final int LOOKS_WITHOUT = 5;

  private final List<Entry> entries = new ArrayList<>();
  private final int limit;

  private int looks;

  private static final class Entry {
    final Region region;
    final CodeCache cache;

    /** Heat when room was made the last time. */
    long heatBefore;

    /** A better one was asked for. */
    boolean asked;

    /** Heat at the last look. */
    long seenHeat;

    /** Number of the last look that found it had been executed. */
    int lastExecuted;

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

  /**
   * Looks at what was executed since the last time: who does so regularly has {@link #takeHottest}
   * leave out what the guest is through with.
   */
  void look() {
    forgetDropped();
    looks++;
    for (Entry entry : entries) {
      long heat = entry.region.heat;
      if (heat != entry.seenHeat) {
        entry.lastExecuted = looks;
      }
      entry.seenHeat = heat;
    }
  }

  /**
   * The hottest small region that is executed nowadays, for which no better one was asked yet; it
   * now is. Null if none.
   */
  @Nullable Region takeHottest(long leastHeat) {
    Entry hottest = null;
    for (Entry entry : entries) {
      if (entry.seenHeat >= leastHeat
          && looks - entry.lastExecuted <= LOOKS_WITHOUT
          && !entry.asked
          && !entry.region.isBest()
          && entry.region.valid
          && (hottest == null || entry.seenHeat > hottest.seenHeat)) {
        hottest = entry;
      }
    }
    if (hottest == null) {
      return null;
    }
    hottest.asked = true;
    return hottest.region;
  }
}
