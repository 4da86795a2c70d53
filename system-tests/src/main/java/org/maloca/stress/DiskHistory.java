package org.maloca.stress;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** What each sector of a disk may hold after its writer was killed. */
final class DiskHistory {
  private final int sectors;

  /** Tags of which a sector has one if nothing was lost. */
  private final Set<Long>[] last;

  /** The same at the last flush, and what was written since. */
  private final Set<Long>[] allowed;

  private long nextTag = SectorPattern.PARENT + 1;

  @SuppressWarnings({"unchecked", "rawtypes"})
  DiskHistory(int diskBytes, long tag) {
    sectors = diskBytes / SectorPattern.SECTOR_BYTES;
    last = new Set[sectors];
    allowed = new Set[sectors];
    Arrays.fill(last, Set.of(tag));
    Arrays.fill(allowed, Set.of(tag));
  }

  /** The tag for the next writer's first action. */
  long nextTag() {
    return nextTag;
  }

  /**
   * Takes what a writer did.
   *
   * @param begun the last action that it began
   * @param flushed the last flush that it saw the end of; -1 for none
   */
  void add(long seed, long firstTag, int begun, int flushed) {
    nextTag = firstTag + begun + 1;
    for (int i = 0; i <= begun; i++) {
      DiskAction action = DiskAction.of(seed, i, sectors);
      switch (action.kind()) {
        case WRITE -> note(action, firstTag + i, false);
        case ZERO -> note(action, 0, false);
        case DISCARD -> note(action, 0, true);
        case FLUSH -> {
          if (i <= flushed) {
            System.arraycopy(last, 0, allowed, 0, sectors);
          }
        }
        case SNAPSHOT -> {}
      }
    }
  }

  private void note(DiskAction action, long tag, boolean mayStay) {
    for (int i = action.sector(); i < action.sector() + action.count(); i++) {
      last[i] = mayStay ? with(last[i], tag) : Set.of(tag);
      allowed[i] = with(allowed[i], tag);
    }
  }

  private static Set<Long> with(Set<Long> some, long one) {
    if (some.contains(one)) {
      return some;
    }
    Set<Long> all = new HashSet<>(some);
    all.add(one);
    return all;
  }

  /**
   * Takes what was found as what is there.
   *
   * @throws IOException when a sector holds what it must not
   */
  void settle(long[] tags) throws IOException {
    for (int i = 0; i < sectors; i++) {
      if (!allowed[i].contains(tags[i])) {
        throw new IOException(
            "sector %d holds %s, and may hold %s"
                .formatted(i, tags[i] == SectorPattern.TORN ? "a mixture" : tags[i], allowed[i]));
      }
      last[i] = Set.of(tags[i]);
      allowed[i] = last[i];
    }
  }
}
