package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Runs guests that measure themselves in Maloca and in QEMU by turns, and reports. */
final class Comparison {
  /** For a boot, on a host with other things to do. */
  private static final Duration BOOT_PATIENCE = Duration.ofMinutes(2);

  private static final String NOTES =
      """

      Maloca's engine: %s. Seconds by the guest's clock, from cold: medians of %d alternating runs,
      each in a new process, with the least and the most. "ratio" is Maloca's time to TCG's, "warm"
      that of the last rounds alone, "CPU" that of the CPU time of all threads of the two processes.
      Every result was compared. docs/benchmarks.md tells more.
      """;

  private final BenchOptions options;
  private final Maloca maloca;
  private final Qemu qemu;
  private final String host;
  private final List<RowTimes> measured = new ArrayList<>();

  private Comparison(BenchOptions options, Maloca maloca, Qemu qemu) {
    this.options = options;
    this.maloca = maloca;
    this.qemu = qemu;
    this.host = Host.describe();
  }

  /** Builds Maloca, and says who measures. */
  static Comparison start(BenchOptions options)
      throws IOException, InterruptedException, BenchException {
    Maloca maloca = new Maloca(Repository.root().resolve("maloca"), options.engine());
    maloca.build();
    Comparison comparison = new Comparison(options, maloca, new Qemu(options.qemu()));
    System.out.println(comparison.host);
    System.out.println(comparison.qemu.version());
    System.out.println();
    return comparison;
  }

  /**
   * Boots a guest as often as was asked.
   *
   * @param rows what the guest measures
   * @param patience for each of the rows
   */
  void measure(GuestBoot boot, List<RowTimes> rows, Duration patience) throws IOException {
    measure(boot, List.of(), List.of(), rows, patience);
  }

  /** The same, with more words for the command of either. */
  void measure(
      GuestBoot boot,
      List<String> malocaWords,
      List<String> qemuWords,
      List<RowTimes> rows,
      Duration patience)
      throws IOException {
    Map<Emulator, List<String>> commands = new EnumMap<>(Emulator.class);
    commands.put(Emulator.MALOCA, with(maloca.command(boot), malocaWords));
    if (qemu.isPresent()) {
      commands.put(Emulator.TCG, with(qemu.q35(boot), qemuWords));
    }
    for (int run = 1; run <= options.runs(); run++) {
      for (Map.Entry<Emulator, List<String>> command : commands.entrySet()) {
        System.err.printf(
            "run %d of %d, %s: %s%n",
            run,
            options.runs(),
            command.getKey(),
            String.join(" ", rows.stream().map(times -> times.row().name()).toList()));
        Duration limit = BOOT_PATIENCE.plus(patience.multipliedBy(rows.size()));
        take(command.getKey(), GuestRun.of(command.getValue(), limit), rows);
      }
    }
    rows.forEach(Comparison::printProgress);
    measured.addAll(rows);
  }

  /**
   * Prints the table, and writes the file that was asked for.
   *
   * @return whether each row was measured and right, however fast
   */
  boolean finish() throws IOException {
    Report report = new Report(measured);
    report.print(System.out);
    System.out.printf(NOTES, options.engine(), options.runs());
    if (options.json() != null) {
      Files.writeString(
          options.json(), JsonReport.of(report, measured, host, options.engine(), qemu.version()));
    }
    return report.problems().isEmpty();
  }

  private static List<String> with(List<String> command, List<String> more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(more);
    return all;
  }

  private static void take(Emulator emulator, GuestRun run, List<RowTimes> rows) {
    String problem = run.problem() != null ? run.problem() : "it left the row out";
    for (RowTimes times : rows) {
      Optional<GuestRun.Measured> measured =
          run.rows().stream()
              .filter(candidate -> candidate.measurement().name().equals(times.row().name()))
              .findFirst();
      if (measured.isPresent()) {
        times.add(emulator, measured.get());
      } else {
        times.addProblem(emulator, problem);
        // Rows come one after another, so those behind it have not been tried.
        problem = "not reached";
      }
    }
  }

  private static void printProgress(RowTimes times) {
    System.err.printf(
        Locale.ROOT,
        "  %-20s %8.3f s, ratio %.3f%n",
        times.row().name(),
        times.whole(Emulator.MALOCA).median(),
        times.ratio());
    times.problems().forEach(problem -> System.err.println("  " + problem));
  }
}
