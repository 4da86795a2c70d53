package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
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

  /** Looks over which what a region executes is averaged. */
  private static final int LOOKS_AVERAGED = 64;

  /** The part of all that was executed lately which makes a region a dominant one: a quarter. */
  private static final int DOMINANT_DIVISOR = 4;

  private final List<Entry> entries = new ArrayList<>();
  private final int limit;

  private int looks;

  /** None was found that executed so much or more, so there is none before the next look. */
  private long noneDominantFrom = Long.MAX_VALUE;

  private long noneHotFrom = Long.MAX_VALUE;

  /** What all regions executed lately, fading by half with each look. */
  private long recentlyExecuted;

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

    /** What it executed lately, fading by half with each look. */
    long recentlyExecuted;

    /** What it executes from look to look, averaged over many. */
    double executedPerLook;

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
    noneDominantFrom = Long.MAX_VALUE;
    noneHotFrom = Long.MAX_VALUE;
    recentlyExecuted = 0;
    for (Entry entry : entries) {
      long heat = entry.region.heat;
      if (heat != entry.seenHeat) {
        entry.lastExecuted = looks;
      }
      long executed = heat - entry.seenHeat;
      entry.recentlyExecuted = entry.recentlyExecuted / 2 + executed;
      entry.executedPerLook += (executed - entry.executedPerLook) / LOOKS_AVERAGED;
      recentlyExecuted += entry.recentlyExecuted;
      entry.seenHeat = heat;
    }
  }

  /**
   * The small region in which the guest spends a good part of its time just now, for which no
   * better one was asked yet; it now is. Null if none.
   *
   * @param leastExecuted instructions that it must have executed lately
   */
  @Nullable Region takeDominant(long leastExecuted) {
    if (leastExecuted >= noneDominantFrom) {
      return null;
    }
    long least = Math.max(leastExecuted, recentlyExecuted / DOMINANT_DIVISOR);
    Region dominant =
        take(entry -> entry.recentlyExecuted >= least, entry -> entry.recentlyExecuted);
    if (dominant == null) {
      noneDominantFrom = leastExecuted;
    }
    return dominant;
  }

  /**
   * The hottest small region that is executed nowadays, for which no better one was asked yet; it
   * now is. Null if none.
   *
   * @param leastPerLook instructions that it must execute from look to look, on average
   */
  @Nullable Region takeHottest(long leastHeat, long leastPerLook) {
    if (leastHeat >= noneHotFrom) {
      return null;
    }
    Region hottest =
        take(
            entry ->
                entry.seenHeat >= leastHeat
                    && entry.executedPerLook >= leastPerLook
                    && looks - entry.lastExecuted <= LOOKS_WITHOUT,
            entry -> entry.seenHeat);
    if (hottest == null) {
      noneHotFrom = leastHeat;
    }
    return hottest;
  }

  /** The first by some measure of the small ones that a better one may be asked for, and is now. */
  private @Nullable Region take(Predicate<Entry> isWorthIt, ToLongFunction<Entry> measure) {
    Entry first = null;
    for (Entry entry : entries) {
      if (!entry.asked
          && !entry.region.isBest()
          && entry.region.valid
          && isWorthIt.test(entry)
          && (first == null || measure.applyAsLong(entry) > measure.applyAsLong(first))) {
        first = entry;
      }
    }
    if (first == null) {
      return null;
    }
    first.asked = true;
    return first.region;
  }
}
