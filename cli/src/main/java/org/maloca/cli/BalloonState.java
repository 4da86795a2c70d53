package org.maloca.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.maloca.core.text.SizeText;

/**
 * How far a balloon is, in bytes, as it goes from the machine to who asks.
 *
 * @param isInUse whether the guest has a driver for it
 * @param target what was asked for
 * @param actual what the guest has given up
 * @param memory of the machine
 * @param free what the guest says that nobody uses there
 * @param available what it says that its programs can have
 * @param total what it says that it has
 */
record BalloonState(
    boolean isInUse, long target, long actual, long memory, long free, long available, long total) {
  /** In place of what the guest has not told. */
  static final long UNKNOWN = -1;

  /** What a machine runs of another version may leave out. */
  private static long number(Map<String, String> values, String name) {
    return Long.parseLong(values.getOrDefault(name, "" + UNKNOWN));
  }

  /** Reads what {@link #toString} wrote. */
  static BalloonState parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : text.split(" ")) {
      String[] parts = word.split("=", 2);
      values.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    return new BalloonState(
        Boolean.parseBoolean(values.get("driver")),
        number(values, "target"),
        number(values, "actual"),
        number(values, "memory"),
        number(values, "free"),
        number(values, "available"),
        number(values, "total"));
  }

  /** Whether the guest has done what it was asked for. */
  boolean isDone() {
    return target == actual;
  }

  /** For people. */
  String describe() {
    StringBuilder text = new StringBuilder();
    text.append("the balloon has %s of %s".formatted(size(actual), size(memory)));
    if (!isDone()) {
      text.append(", and is to have ").append(size(target));
    }
    if (!isInUse) {
      text.append("; the guest has no driver for it");
    } else if (total != UNKNOWN) {
      text.append("; the guest has %s, %s free".formatted(size(total), size(free)));
      if (available != UNKNOWN) {
        text.append(", %s available".formatted(size(available)));
      }
    }
    return text.toString();
  }

  private static String size(long bytes) {
    return bytes == UNKNOWN ? "?" : SizeText.format(bytes);
  }

  @Override
  public String toString() {
    return "driver=%s target=%d actual=%d memory=%d free=%d available=%d total=%d"
        .formatted(isInUse, target, actual, memory, free, available, total);
  }
}
