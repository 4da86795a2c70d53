package org.maloca.bench;

import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What was asked of a benchmark.
 *
 * @param runs how often each thing is measured
 * @param engine of Maloca's CPU: interpreter or translator
 * @param only which rows to measure; null for all
 * @param json where to write the figures for programs; null for nowhere
 * @param qemu the peer's program
 */
record BenchOptions(
    int runs, String engine, @Nullable Pattern only, @Nullable Path json, String qemu) {
  private static final int MAX_RUNS = 1000;

  static final String USAGE =
      "options: --runs N (5), --engine interpreter|translator (translator), --only REGEX,"
          + " --json FILE, --qemu PROGRAM (qemu-system-x86_64)";

  /** Reads the command line. */
  static BenchOptions parse(String[] arguments) throws BenchException {
    BenchOptions options = new BenchOptions(5, "translator", null, null, "qemu-system-x86_64");
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new BenchException(USAGE);
      }
      options = options.with(arguments[i], arguments[i + 1]);
    }
    return options;
  }

  private BenchOptions with(String option, String value) throws BenchException {
    return switch (option) {
      case "--runs" -> new BenchOptions(parseRuns(value), engine, only, json, qemu);
      case "--engine" -> new BenchOptions(runs, parseEngine(value), only, json, qemu);
      case "--only" -> new BenchOptions(runs, engine, parsePattern(value), json, qemu);
      case "--json" -> new BenchOptions(runs, engine, only, Path.of(value), qemu);
      case "--qemu" -> new BenchOptions(runs, engine, only, json, value);
      default -> throw new BenchException(USAGE);
    };
  }

  /** Whether the thing of that name is to be measured. */
  boolean wants(String name) {
    return only == null || only.matcher(name).find();
  }

  /** Whether the row is, by its name or by its group's whole name. */
  boolean wants(Row row) {
    return wants(row.name()) || (only != null && only.matcher(row.group().title()).matches());
  }

  private static int parseRuns(String value) throws BenchException {
    if (!value.matches("[0-9]{1,4}")) {
      throw new BenchException(USAGE);
    }
    return Math.clamp(Integer.parseInt(value), 1, MAX_RUNS);
  }

  private static String parseEngine(String value) throws BenchException {
    if (!value.equals("interpreter") && !value.equals("translator")) {
      throw new BenchException(USAGE);
    }
    return value;
  }

  private static Pattern parsePattern(String value) throws BenchException {
    try {
      return Pattern.compile(value);
    } catch (PatternSyntaxException wrong) {
      throw new BenchException(
          "'%s' is no regular expression: %s".formatted(value, wrong.getDescription()));
    }
  }
}
