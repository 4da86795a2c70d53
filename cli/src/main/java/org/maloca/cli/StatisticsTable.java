package org.maloca.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.maloca.core.cpu.EngineStatistics;

/** Figures of the CPU engine as lines of text; counters that are zero are left out. */
final class StatisticsTable {
  private static final double KILO = 1e3;
  private static final double MEGA = 1e6;
  private static final double GIGA = 1e9;

  /** Up to here every digit is shown. */
  private static final long EXACT = 1_000_000;

  private StatisticsTable() {}

  /** The lines of a table, without ends of line. */
  static List<String> lines(EngineStatistics statistics) {
    List<String> lines = new ArrayList<>();
    for (EngineStatistics.Group group : statistics.groups()) {
      long total = group.total();
      if (total == 0) {
        continue;
      }
      lines.add(
          group.isBreakdown()
              ? "%-46s%s"
                  .formatted(group.title(), text(group.counters().getFirst().unit(), total))
                  .stripTrailing()
              : group.title());
      for (EngineStatistics.Counter counter : group.counters()) {
        if (counter.value() != 0) {
          lines.add(line(counter, group.isBreakdown() ? total : 0));
        }
      }
    }
    return lines;
  }

  private static String line(EngineStatistics.Counter counter, long whole) {
    String start = "  %-44s%s".formatted(counter.label(), text(counter.unit(), counter.value()));
    return whole == 0
        ? start.stripTrailing()
        : start + String.format(Locale.ROOT, "%6.1f %%", 100.0 * counter.value() / whole);
  }

  private static String text(EngineStatistics.Unit unit, long value) {
    return switch (unit) {
      case COUNT, INSTRUCTIONS -> count(value);
      case NANOSECONDS -> time(value);
      case BYTES -> bytes(value);
    };
  }

  private static String count(long value) {
    return value < EXACT
        ? String.format(Locale.ROOT, "%,8d    ", value)
        : decimal(value / MEGA, "M");
  }

  private static String time(long nanos) {
    if (nanos < KILO * KILO) {
      return decimal(nanos / KILO, "us");
    }
    return nanos < GIGA ? decimal(nanos / MEGA, "ms") : decimal(nanos / GIGA, "s");
  }

  private static String bytes(long value) {
    double kibibytes = value / 1024.0;
    return kibibytes < 1024 ? decimal(kibibytes, "KiB") : decimal(kibibytes / 1024, "MiB");
  }

  private static String decimal(double value, String unit) {
    return String.format(Locale.ROOT, "%,8.1f %-3s", value, unit);
  }
}
