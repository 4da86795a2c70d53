package org.maloca.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.boot.BootException;

/**
 * Runs the guests of {@code guests/smp} again and again, each time with another seed, on both
 * engines with two and four CPUs.
 *
 * <pre>
 * --minutes N       how long (default 1)
 * --engine NAME     only interpreter or translator
 * --cpus N          only with so many CPUs (2 to 8)
 * --only GUEST      only litmus, locks, ipis, code or paging
 * --seed S          the first seed (default 1)
 * --passes N        work in a run (default 400)
 * </pre>
 *
 * Exits with 0 if everything was as it must be and the host was able to show it, else with 1.
 */
public final class SmpStress {
  private static final long TIMEOUT_SECONDS = 600;
  private static final String BY = " by the ";
  private static final String STORE_BUFFERING = "sb" + BY;

  private final SmpStressOptions options;
  private final PrintStream out;

  /** How often what is allowed, but need not be, was seen. */
  private final Map<String, Long> seen = new TreeMap<>();

  private int runs;
  private int failures;

  SmpStress(SmpStressOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  public static void main(String[] arguments)
      throws BootException, IOException, InterruptedException {
    SmpStressOptions options;
    try {
      options = SmpStressOptions.parse(arguments);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
      return;
    }
    System.exit(new SmpStress(options, System.out).run() ? 0 : 1);
  }

  /** Whether everything was as it must be. */
  boolean run() throws BootException, IOException, InterruptedException {
    long end = System.nanoTime() + options.minutes() * 60_000_000_000L;
    long seed = options.seed();
    do {
      for (SmpGuest guest : options.guests()) {
        for (String engine : options.engines()) {
          for (int cpus : options.cpus()) {
            run(guest, engine, cpus, seed);
          }
        }
      }
      seed++;
    } while (System.nanoTime() < end);
    out.printf("%d runs, %d failures%n", runs, failures);
    seen.forEach((what, count) -> out.printf("seen %s: %d times%n", what, count));
    return failures == 0 && showedReordering();
  }

  /**
   * That a store comes after a later load is allowed, and seen whenever two CPUs really run at the
   * same time: where it never is, forbidden outcomes could not have been seen either.
   */
  private boolean showedReordering() {
    if (!options.guests().contains(SmpGuest.LITMUS)) {
      return true;
    }
    boolean all = true;
    for (String engine : options.engines()) {
      if (seen.getOrDefault(STORE_BUFFERING + engine, 0L) == 0) {
        out.println(
            "no reordering seen by the " + engine + ": this host has no two cores to spare");
        all = false;
      }
    }
    return all;
  }

  private void run(SmpGuest guest, String engine, int cpus, long seed)
      throws BootException, IOException, InterruptedException {
    BareGuestRun run = guest.run(engine(engine), cpus, seed, options.passes(), TIMEOUT_SECONDS);
    runs++;
    out.printf(
        Locale.ROOT,
        "%s %s, %d CPUs, seed %d: %s, %.1f s, %.0f M instructions%n",
        run.passed() ? "ok" : "FAIL",
        guest.title(),
        cpus,
        seed,
        engine,
        run.nanos() / 1e9,
        run.instructions() / 1e6);
    List<String> unusual = new ArrayList<>(run.lines());
    unusual.removeIf(line -> line.startsWith("ok ") || line.startsWith("seen "));
    if (!run.passed()) {
      failures++;
      unusual.forEach(line -> out.println("    " + line));
      out.println("    " + run.exit());
    }
    run.lines().stream()
        .filter(line -> line.startsWith("seen "))
        .forEach(line -> noteSeen(engine, line));
  }

  /** A line of {@code seen NAME NUMBER}, the number hexadecimal. */
  private void noteSeen(String engine, String line) {
    int space = line.lastIndexOf(' ');
    long count = Long.parseUnsignedLong(line.substring(space + 1), 16);
    seen.merge(line.substring(5, space) + BY + engine, count, Long::sum);
  }

  static AcceleratorFactory engine(String name) {
    return switch (name) {
      case "interpreter" -> Accelerators.interpreter();
      case "translator" -> Accelerators.translator();
      default -> throw new IllegalArgumentException("no engine named " + name);
    };
  }
}
