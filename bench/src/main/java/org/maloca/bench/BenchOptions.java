package org.maloca.bench;

import java.util.List;

/**
 * What was asked of a benchmark.
 *
 * @param runs how often each thing is measured
 * @param engine of Maloca's CPU: interpreter or translator
 * @param only names of the guests to run; empty for all
 */
record BenchOptions(int runs, String engine, List<String> only) {
  private static final int MAX_RUNS = 1000;

  static final String USAGE =
      "options: --runs N (5), --engine interpreter|translator (interpreter), --only NAME,...";

  /** Reads the command line. */
  static BenchOptions parse(String[] arguments) throws BenchException {
    int runs = 5;
    String engine = "interpreter";
    List<String> only = List.of();
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new BenchException(USAGE);
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--runs" -> runs = parseRuns(value);
        case "--engine" -> engine = parseEngine(value);
        case "--only" -> only = List.of(value.split(","));
        default -> throw new BenchException(USAGE);
      }
    }
    return new BenchOptions(runs, engine, only);
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
}
