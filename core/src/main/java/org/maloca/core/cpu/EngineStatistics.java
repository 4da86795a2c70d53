package org.maloca.core.cpu;

import java.util.List;
import java.util.OptionalLong;

/**
 * What an engine has done so far, as named counters in groups. A snapshot: immutable, and taken
 * while the engine goes on, so that counters of one snapshot may be some events apart. All of them
 * count from the making of the machine; a reset of the guest does not put them back.
 *
 * <p>Which groups and counters there are is the engine's affair. Their names stay from version to
 * version, labels and titles are for people and may change.
 *
 * @param groups the groups, in an order fit for reading
 */
public record EngineStatistics(List<Group> groups) {
  /** Of an engine that counts nothing. */
  public static final EngineStatistics NONE = new EngineStatistics(List.of());

  public EngineStatistics {
    groups = List.copyOf(groups);
  }

  /** What a counter counts in. */
  public enum Unit {
    /** Things or events. */
    COUNT,
    /** Guest instructions. */
    INSTRUCTIONS,
    /** Time. */
    NANOSECONDS,
    /** Memory. */
    BYTES
  }

  /**
   * A number.
   *
   * @param name lower case, words joined by hyphens; unique in its group
   * @param label a few words for people
   */
  public record Counter(String name, String label, Unit unit, long value) {}

  /**
   * Counters that belong together.
   *
   * @param name lower case, words joined by hyphens; unique in the snapshot
   * @param title a few words for people
   * @param isBreakdown whether the counters are parts of one whole, so that shares mean something
   */
  public record Group(String name, String title, boolean isBreakdown, List<Counter> counters) {
    public Group {
      counters = List.copyOf(counters);
    }

    /** The sum of the counters, which means something if this is a breakdown. */
    public long total() {
      return counters.stream().mapToLong(Counter::value).sum();
    }
  }

  /** The value of a counter, if there is one of that name in that group. */
  public OptionalLong value(String group, String counter) {
    return groups.stream()
        .filter(one -> one.name().equals(group))
        .flatMap(one -> one.counters().stream())
        .filter(one -> one.name().equals(counter))
        .mapToLong(Counter::value)
        .findFirst();
  }
}
