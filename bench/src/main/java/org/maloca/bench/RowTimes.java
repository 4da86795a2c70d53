package org.maloca.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What repeated runs of a row in both emulators have given. */
final class RowTimes {
  private final Row row;
  private final Map<Emulator, Times> times = new EnumMap<>(Emulator.class);
  private final List<String> problems = new ArrayList<>();
  private @Nullable String checksum;

  /**
   * Times in one emulator, in seconds.
   *
   * @param whole of all rounds, the cold one included
   * @param warm of the last round
   * @param cpu of all threads of the emulator, during all rounds
   */
  private record Times(Samples whole, Samples warm, Samples cpu) {}

  /**
   * Prepares.
   *
   * @param checksum what is right; null when the first run tells
   */
  RowTimes(Row row, @Nullable String checksum) {
    this.row = row;
    this.checksum = checksum;
    for (Emulator emulator : Emulator.values()) {
      times.put(emulator, new Times(new Samples(), new Samples(), new Samples()));
    }
  }

  /** Takes one run; what is wrong with it becomes a problem and no time. */
  void add(Emulator emulator, GuestRun.Measured measured) {
    Measurement measurement = measured.measurement();
    if (checksum == null) {
      checksum = measurement.checksum();
    }
    if (!measurement.checksum().equals(checksum)) {
      addProblem(emulator, "computed %s, not %s".formatted(measurement.checksum(), checksum));
    } else if (!measured.hasTrueClock()) {
      addProblem(
          emulator,
          "its clock counted %.2f s in %.2f s"
              .formatted(measurement.wholeSeconds(), measured.hostSeconds()));
    } else {
      Times times = times(emulator);
      times.whole().add(measurement.wholeSeconds());
      times.warm().add(measurement.warmSeconds());
      times.cpu().add(measured.cpuSeconds());
    }
  }

  /** Notes a run that has failed. */
  void addProblem(Emulator emulator, String what) {
    problems.add("%s, %s: %s".formatted(row.name(), emulator, what));
  }

  Row row() {
    return row;
  }

  /** What went wrong, a line or more for each run. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Seconds of all rounds. */
  Samples whole(Emulator emulator) {
    return times(emulator).whole();
  }

  /** Maloca's part of TCG's time; NaN when one is missing. */
  double ratio() {
    return whole(Emulator.MALOCA).median() / whole(Emulator.TCG).median();
  }

  /** The same for the last rounds alone. */
  double warmRatio() {
    return times(Emulator.MALOCA).warm().median() / times(Emulator.TCG).warm().median();
  }

  /** The same for the CPU time of all threads, compilers included. */
  double cpuRatio() {
    return times(Emulator.MALOCA).cpu().median() / times(Emulator.TCG).cpu().median();
  }

  boolean isMet() {
    return problems.isEmpty() && ratio() <= row.group().rowBar();
  }

  private Times times(Emulator emulator) {
    return java.util.Objects.requireNonNull(times.get(emulator));
  }
}
