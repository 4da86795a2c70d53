package org.maloca.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The same figures for programs, as JSON (RFC 8259): {@code host}, {@code engine}, {@code peer},
 * {@code rows} with the times of each run in seconds, and {@code groups}. A figure that is missing
 * is null.
 */
final class JsonReport {
  private JsonReport() {}

  /** The text of the file. */
  static String of(Report report, List<RowTimes> rows, String host, String engine, String peer) {
    return """
    {
      "host": %s,
      "engine": %s,
      "peer": %s,
      "rows": [
    %s
      ],
      "groups": [
    %s
      ]
    }
    """
        .formatted(
            string(host),
            string(engine),
            string(peer),
            rows.stream().map(JsonReport::row).collect(Collectors.joining(",\n")),
            rows.stream()
                .map(times -> times.row().group())
                .distinct()
                .sorted()
                .map(group -> group(report, group))
                .collect(Collectors.joining(",\n")));
  }

  private static String row(RowTimes times) {
    return ("    {\"name\": %s, \"group\": %s, \"maloca\": %s, \"tcg\": %s, \"ratio\": %s,"
            + " \"warmRatio\": %s, \"cpuRatio\": %s, \"bar\": %s, \"met\": %b, \"problems\": [%s]}")
        .formatted(
            string(times.row().name()),
            string(times.row().group().title()),
            times.whole(Emulator.MALOCA).values().stream().map(JsonReport::number).toList(),
            times.whole(Emulator.TCG).values().stream().map(JsonReport::number).toList(),
            number(times.ratio()),
            number(times.warmRatio()),
            number(times.cpuRatio()),
            number(times.row().group().rowBar()),
            times.isMet(),
            times.problems().stream().map(JsonReport::string).collect(Collectors.joining(", ")));
  }

  private static String group(Report report, Group group) {
    return "    {\"name\": %s, \"mean\": %s, \"bar\": %s, \"met\": %b}"
        .formatted(
            string(group.title()),
            number(report.mean(group)),
            number(group.meanBar()),
            report.isMet(group));
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6f", value) : "null";
  }

  private static String string(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
