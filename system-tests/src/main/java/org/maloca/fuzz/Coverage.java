package org.maloca.fuzz;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts, for each form, how many cases ran and how they ended on silicon. */
final class Coverage {
  private static final int VECTORS = 32;
  private final Map<Form, long[]> counts = new LinkedHashMap<>();

  void add(Form form, int vector) {
    counts.computeIfAbsent(form, f -> new long[VECTORS + 1])[vector < 0 ? VECTORS : vector & 31]++;
  }

  void print(PrintStream out) {
    counts.entrySet().stream()
        .sorted((a, b) -> order(a.getKey()).compareTo(order(b.getKey())))
        .forEach(entry -> out.println(line(entry.getKey(), entry.getValue())));
  }

  private static String order(Form form) {
    return form.map().ordinal()
        + String.format("%02x %04x ", form.opcode(), form.extension() + 1)
        + form.prefix();
  }

  private static String line(Form form, long[] ended) {
    long total = 0;
    for (long count : ended) {
      total += count;
    }
    var text = new StringBuilder();
    text.append(String.format("%-20s %9d cases", form.label(), total));
    text.append(String.format(" %5.1f%% completed", 100.0 * ended[VECTORS] / total));
    for (int vector = 0; vector < VECTORS; vector++) {
      if (ended[vector] > 0) {
        text.append(String.format("  #%d %.1f%%", vector, 100.0 * ended[vector] / total));
      }
    }
    return text.toString();
  }
}
