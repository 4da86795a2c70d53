package org.maloca.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The table of a comparison, row by row and with the mean of each group. */
final class Report {
  private final List<RowTimes> rows;

  Report(List<RowTimes> rows) {
    this.rows = List.copyOf(rows);
  }

  /** Rows of a group in the order in which they were measured; empty when there is none. */
  private List<RowTimes> rows(Group group) {
    return rows.stream().filter(times -> times.row().group() == group).toList();
  }

  /** The geometric mean of a group's ratios; NaN when none is known. */
  double mean(Group group) {
    Samples ratios = new Samples();
    rows(group).stream()
        .mapToDouble(RowTimes::ratio)
        .filter(ratio -> !Double.isNaN(ratio))
        .forEach(ratios::add);
    return ratios.geometricMean();
  }

  /** Whether a group's mean is within its bar, and known of all rows. */
  boolean isMet(Group group) {
    return rows(group).stream().noneMatch(times -> Double.isNaN(times.ratio()))
        && mean(group) <= group.meanBar();
  }

  /** What went wrong with any row. */
  List<String> problems() {
    return rows.stream().flatMap(times -> times.problems().stream()).toList();
  }

  /** Prints the table, and problems below it. */
  void print(PrintStream out) {
    Table table = new Table("row", "Maloca s", "TCG s", "ratio", "warm", "CPU", "at most", "bar");
    for (Group group : Group.values()) {
      List<RowTimes> members = rows(group);
      members.forEach(times -> addRow(table, times));
      if (!members.isEmpty()) {
        table.row(
            "= " + group.title() + ", geometric mean",
            "",
            "",
            number(mean(group)),
            "",
            "",
            bar(group.meanBar()),
            verdict(isMet(group)));
      }
    }
    table.print(out);
    out.println();
    problems().forEach(out::println);
    long met = rows.stream().filter(RowTimes::isMet).count();
    out.printf("%d of %d rows are within their bars%n", met, rows.size());
  }

  private static void addRow(Table table, RowTimes times) {
    table.row(
        times.row().name(),
        times.whole(Emulator.MALOCA).summary(3),
        times.whole(Emulator.TCG).summary(3),
        number(times.ratio()),
        number(times.warmRatio()),
        number(times.cpuRatio()),
        bar(times.row().group().rowBar()),
        verdict(times.isMet()));
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String bar(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String verdict(boolean isMet) {
    return isMet ? "met" : "MISSED";
  }
}
