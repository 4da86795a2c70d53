package org.maloca.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a guest that measures itself, from its boot to the line {@code end}.
 *
 * @param rows what it has measured, as far as it came
 * @param problem why it ended before that line; null when it did not
 */
record GuestRun(List<Measured> rows, @Nullable String problem) {
  private static final String END = "end";

  /**
   * One row, with what the host has seen of it.
   *
   * @param hostSeconds by the host's clock, from the line that began it to the one that ended it
   * @param cpuSeconds of all threads of the emulator between these lines
   */
  record Measured(Measurement measurement, double hostSeconds, double cpuSeconds) {
    /** Lines may be late by this much on a busy host. */
    private static final double SLACK_SECONDS = 0.3;

    private static final double SLACK_PART = 0.1;

    /** Whether the guest's clock went as fast as the host's, or its figures are worth nothing. */
    boolean hasTrueClock() {
      double difference = Math.abs(hostSeconds - measurement.wholeSeconds());
      return difference <= SLACK_SECONDS + SLACK_PART * hostSeconds;
    }
  }

  /** Starts it, and ends it when it has said all or {@code patience} is over. */
  static GuestRun of(List<String> command, Duration patience) throws IOException {
    List<Measured> rows = new ArrayList<>();
    try (TimedProcess process = new TimedProcess(command, patience)) {
      String begun = "";
      double beganSeconds = 0;
      double beganCpuSeconds = 0;
      for (String line = process.line(); line != null; line = process.line()) {
        double nowSeconds = process.seconds();
        String name = Measurement.begun(line);
        Measurement measurement = Measurement.parse(line);
        if (name != null) {
          begun = name;
          beganSeconds = nowSeconds;
          beganCpuSeconds = process.cpuSeconds();
        } else if (measurement != null && measurement.name().equals(begun)) {
          double cpuSeconds = process.cpuSeconds() - beganCpuSeconds;
          rows.add(new Measured(measurement, nowSeconds - beganSeconds, cpuSeconds));
        } else if (line.equals(END)) {
          return new GuestRun(rows, null);
        }
      }
      String why = process.seconds() >= patience.toSeconds() ? "it took too long" : "it broke off";
      return new GuestRun(rows, why + ":\n" + process.lastWords().strip());
    }
  }
}
