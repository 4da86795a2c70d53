package org.maloca.fuzz;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The command line of {@link CpuFuzz}. */
record FuzzOptions(
    long cases,
    long seed,
    long from,
    String engine,
    String only,
    @Nullable CaseKind kind,
    int batch,
    int sets,
    int mismatches,
    boolean asSilicon,
    boolean pointers,
    boolean coverage) {
  boolean wants(Form form) {
    return form.label().startsWith(only) && (kind == null || form.kind() == kind);
  }

  /**
   * @throws IllegalArgumentException for what is not an option or not a number for it
   */
  static FuzzOptions parse(String[] arguments) {
    long cases = 1_000_000;
    long seed = 1;
    long from = 0;
    String engine = "mixed";
    String only = "";
    CaseKind kind = null;
    int batch = 2048;
    int sets = CaseGenerator.SETS;
    int mismatches = 1;
    boolean asSilicon = false;
    boolean pointers = false;
    boolean coverage = false;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--cases" -> cases = Long.parseLong(value(arguments, ++i));
        case "--seed" -> seed = Long.parseLong(value(arguments, ++i));
        case "--from" -> from = Long.parseLong(value(arguments, ++i));
        case "--engine" -> engine = value(arguments, ++i);
        case "--only" -> only = value(arguments, ++i).toLowerCase(Locale.ROOT);
        case "--kind" -> kind = CaseKind.valueOf(value(arguments, ++i).toUpperCase(Locale.ROOT));
        case "--batch" -> batch = atLeastOne(arguments, ++i);
        case "--sets" -> sets = atLeastOne(arguments, ++i);
        case "--mismatches" -> mismatches = Integer.parseInt(value(arguments, ++i));
        case "--as-silicon" -> asSilicon = true;
        case "--pointers" -> pointers = true;
        case "--coverage" -> coverage = true;
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    return new FuzzOptions(
        cases,
        seed,
        from,
        engine,
        only,
        kind,
        batch,
        sets,
        mismatches,
        asSilicon,
        pointers,
        coverage);
  }

  private static int atLeastOne(String[] arguments, int index) {
    int number = Integer.parseInt(value(arguments, index));
    if (number < 1) {
      throw new IllegalArgumentException(arguments[index - 1] + " must be at least 1");
    }
    return number;
  }

  private static String value(String[] arguments, int index) {
    if (index == arguments.length) {
      throw new IllegalArgumentException(arguments[index - 1] + " needs a value");
    }
    return arguments[index];
  }
}
