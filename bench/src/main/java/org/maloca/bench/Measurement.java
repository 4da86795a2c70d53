package org.maloca.bench;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a guest has measured for one row. A guest writes a line {@code begin NAME} before the first
 * round and {@code row NAME CHECKSUM NANOSECONDS ...} after the last.
 *
 * @param checksum of what the row computed
 * @param roundSeconds the time of each round, by the guest's clock
 */
record Measurement(String name, String checksum, double[] roundSeconds) {
  private static final String BEGIN = "begin ";
  private static final String ROW = "row ";

  /** The name in a line that begins a row; null for any other line. */
  static @Nullable String begun(String line) {
    return line.startsWith(BEGIN) ? line.substring(BEGIN.length()).strip() : null;
  }

  /** Reads a line that ends a row; null for any other line. */
  static @Nullable Measurement parse(String line) {
    String[] words = line.strip().split(" +");
    if (!line.startsWith(ROW) || words.length < 4) {
      return null;
    }
    double[] seconds = new double[words.length - 3];
    for (int i = 0; i < seconds.length; i++) {
      if (!words[i + 3].matches("[0-9]{1,18}")) {
        return null;
      }
      seconds[i] = Long.parseLong(words[i + 3]) / 1e9;
    }
    return new Measurement(words[1], words[2], seconds);
  }

  /** All rounds, the cold one included. */
  double wholeSeconds() {
    return Arrays.stream(roundSeconds).sum();
  }

  /** The best round. */
  double leastSeconds() {
    return Arrays.stream(roundSeconds).min().orElseThrow();
  }

  /** The last round alone. */
  double warmSeconds() {
    return roundSeconds[roundSeconds.length - 1];
  }
}
