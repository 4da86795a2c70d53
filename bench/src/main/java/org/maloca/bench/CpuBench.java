package org.maloca.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How fast Maloca's CPU executes small bare guests, in millions of guest instructions a second and
 * against QEMU's TCG on the very same images. Every guest does the same work a few times: the first
 * round shows the engine cold, the others warm.
 */
public final class CpuBench {
  private static final String START = "0000000000000000";

  private final BenchOptions options;
  private final Qemu qemu;
  private final Path sources;
  private final Path folder;
  private final Table table =
      new Table("guest", "about", "MIPS warm", "MIPS cold", "s warm", "TCG s warm", "Maloca / TCG");
  private final Samples ratios = new Samples();

  /** The rounds of one guest in one engine. */
  private static final class Rounds {
    private final Samples coldSeconds = new Samples();
    private final Samples warmSeconds = new Samples();
    private final Samples coldMips = new Samples();
    private final Samples warmMips = new Samples();

    void add(boolean isFirst, double seconds, double instructions) {
      (isFirst ? coldSeconds : warmSeconds).add(seconds);
      (isFirst ? coldMips : warmMips).add(instructions / 1e6 / seconds);
    }
  }

  private CpuBench(BenchOptions options, Path sources, Path folder) {
    this.options = options;
    this.qemu = new Qemu(options.qemu());
    this.sources = sources;
    this.folder = folder;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(
        arguments,
        (options, folder) -> {
          new CpuBench(options, Repository.root().resolve("guests/bench"), folder).run();
          return true;
        });
  }

  private void run() throws IOException, InterruptedException, BenchException {
    System.out.printf("%s%n%s%n%n", Host.describe(), qemu.version());
    for (CpuGuest guest : chosen()) {
      Path image = guest.assemble(sources, folder);
      Rounds maloca = new Rounds();
      Rounds tcg = new Rounds();
      for (int run = 1; run <= options.runs(); run++) {
        System.err.printf("%s, run %d of %d%n", guest.title(), run, options.runs());
        runMaloca(guest, image, maloca);
        if (qemu.isPresent()) {
          runQemu(guest, image, tcg);
        }
      }
      report(guest, maloca, tcg);
    }
    table.print(System.out);
    printNotes();
  }

  private List<CpuGuest> chosen() throws BenchException {
    List<CpuGuest> guests =
        Arrays.stream(CpuGuest.values()).filter(guest -> options.wants(guest.title())).toList();
    if (guests.isEmpty()) {
      throw new BenchException(
          "there are: "
              + String.join(", ", Arrays.stream(CpuGuest.values()).map(CpuGuest::title).toList()));
    }
    return guests;
  }

  private void runMaloca(CpuGuest guest, Path image, Rounds rounds)
      throws IOException, InterruptedException, BenchException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CpuGuestRun.class.getName(), image.toString(), options.engine()));
    try (TimedProcess process = new TimedProcess(command)) {
      long nanos = 0;
      long instructions = 0;
      int round = 0;
      String line;
      while ((line = process.line()) != null && !line.startsWith("end ")) {
        String[] words = line.split(" ");
        long nowNanos = Long.parseLong(words[1]);
        long nowInstructions = Long.parseLong(words[2]);
        if (round > 0) {
          guest.check(words[0]);
          rounds.add(round == 1, (nowNanos - nanos) / 1e9, nowInstructions - instructions);
        }
        nanos = nowNanos;
        instructions = nowInstructions;
        round++;
      }
      requireRounds(guest, round, process);
    }
  }

  private void runQemu(CpuGuest guest, Path image, Rounds rounds)
      throws IOException, InterruptedException, BenchException {
    try (TimedProcess process = new TimedProcess(qemu.bare(image))) {
      double before = process.await(START);
      int round = 1;
      for (String line = process.line(); line != null; line = process.line()) {
        double now = process.seconds();
        guest.check(line.strip());
        rounds.add(round == 1, now - before, 0);
        before = now;
        round++;
      }
      requireRounds(guest, round, process);
    }
  }

  private static void requireRounds(CpuGuest guest, int rounds, TimedProcess process)
      throws IOException, InterruptedException, BenchException {
    if (rounds < 3) {
      throw new BenchException(
          "%s ended after %d rounds: %s".formatted(guest.title(), rounds, process.awaitEnd()));
    }
  }

  private void report(CpuGuest guest, Rounds maloca, Rounds tcg) {
    double ratio = maloca.warmSeconds.median() / tcg.warmSeconds.median();
    if (!tcg.warmSeconds.isEmpty()) {
      ratios.add(ratio);
    }
    table.row(
        guest.title(),
        guest.about(),
        number(maloca.warmMips.median(), 0),
        number(maloca.coldMips.median(), 0),
        number(maloca.warmSeconds.median(), 3),
        number(tcg.warmSeconds.median(), 3),
        number(ratio, 2));
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private void printNotes() {
    if (!ratios.isEmpty()) {
      System.out.printf(
          Locale.ROOT,
          "%nGeometric mean of Maloca / TCG: %.2f (below 1 Maloca is faster)%n",
          ratios.geometricMean());
    }
    System.out.printf(
        """

        Maloca's engine: %s. Seconds are wall clock for a round of the same work; every round's
        result was checked. Medians over %d runs of the first round (cold) and of all later ones
        (warm), each run in a new process, Maloca's and QEMU's in turn. One rep instruction counts
        as one, however much it copies, so the MIPS of copy say little.
        """,
        options.engine(), options.runs());
  }
}
