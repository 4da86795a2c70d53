package org.maloca.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.maloca.block.limit.DiskFigures;
import org.maloca.block.limit.DiskOperation;
import org.maloca.block.limit.OperationFigures;
import org.maloca.core.cpu.EngineStatistics.Counter;
import org.maloca.core.cpu.EngineStatistics.Group;
import org.maloca.core.cpu.EngineStatistics.Unit;

/**
 * What a disk did, as groups of counters: one of all operations, and one of each one's latencies.
 */
final class DiskStatistics {
  private static final long MICROSECOND = 1_000;
  private static final double MEDIAN = 0.5;
  private static final double HIGH = 0.99;

  private DiskStatistics() {}

  /** The groups of the disk of that number. */
  static List<Group> of(int number, DiskFigures disk) {
    String name = "disk-" + number;
    List<Counter> counters = new ArrayList<>();
    List<Group> groups = new ArrayList<>();
    for (DiskOperation operation : DiskOperation.values()) {
      OperationFigures figures = disk.of(operation);
      if (figures.count() + figures.failures() != 0) {
        addCounters(counters, operation, figures);
        groups.add(latencies(name, number, operation, figures));
      }
    }
    groups.addFirst(new Group(name, "disk " + number, false, counters));
    return groups;
  }

  private static void addCounters(
      List<Counter> counters, DiskOperation operation, OperationFigures figures) {
    String name = name(operation);
    String label = label(operation);
    counters.add(new Counter(name + "-requests", label + "s", Unit.COUNT, figures.count()));
    counters.add(
        new Counter(name + "-failures", label + "s that failed", Unit.COUNT, figures.failures()));
    counters.add(new Counter(name + "-bytes", label + ": bytes", Unit.BYTES, figures.bytes()));
    counters.add(
        new Counter(
            name + "-time", label + ": time in all", Unit.NANOSECONDS, figures.totalNanos()));
    counters.add(quantile(name + "-median", label + ": half within", figures, MEDIAN));
    counters.add(quantile(name + "-p99", label + ": 99 % within", figures, HIGH));
  }

  private static Counter quantile(
      String name, String label, OperationFigures figures, double part) {
    return new Counter(name, label, Unit.NANOSECONDS, figures.latencies().quantileNanos(part));
  }

  /** The histogram, in steps of twice the time from a microsecond on. */
  private static Group latencies(
      String disk, int number, DiskOperation operation, OperationFigures figures) {
    TreeMap<Long, Long> steps = new TreeMap<>();
    figures
        .latencies()
        .forEach((upToNanos, count) -> steps.merge(step(upToNanos), count, Long::sum));
    List<Counter> counters = new ArrayList<>();
    steps.forEach((micros, count) ->
        counters.add(
            new Counter(
                "up-to-%d-us".formatted(micros),
                String.format(Locale.ROOT, "up to %,d us", micros),
                Unit.COUNT,
                count)));
    return new Group(
        "%s-%s-latency".formatted(disk, name(operation)),
        "disk %d: how long a %s took".formatted(number, label(operation)),
        true,
        counters);
  }

  private static long step(long nanos) {
    long micros = (nanos + MICROSECOND - 1) / MICROSECOND;
    return micros <= 1 ? 1 : Long.highestOneBit(micros - 1) << 1;
  }

  private static String name(DiskOperation operation) {
    return operation.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String label(DiskOperation operation) {
    return operation == DiskOperation.WRITE_ZEROES ? "zeroing" : name(operation);
  }
}
