package org.maloca.cli;

import java.util.stream.Collectors;
import org.maloca.core.cpu.EngineStatistics;

/**
 * Figures of the CPU engine as JSON: an object for each group, with a member for each counter. The
 * names are those of {@link EngineStatistics}; times are in nanoseconds.
 */
final class StatisticsJson {
  private StatisticsJson() {}

  static String of(EngineStatistics statistics) {
    return statistics.groups().stream()
        .map(StatisticsJson::group)
        .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
  }

  // Names are lower-case words joined by hyphens, which need no escapes.
  private static String group(EngineStatistics.Group group) {
    return group.counters().stream()
        .map(counter -> "    \"%s\": %d".formatted(counter.name(), counter.value()))
        .collect(Collectors.joining(",\n", "  \"%s\": {\n".formatted(group.name()), "\n  }"));
  }
}
