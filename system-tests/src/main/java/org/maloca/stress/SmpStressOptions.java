package org.maloca.stress;

import java.util.List;
import java.util.Locale;

/** The command line of {@link SmpStress}. */
record SmpStressOptions(
    List<SmpGuest> guests,
    List<String> engines,
    List<Integer> cpus,
    long minutes,
    long seed,
    int passes) {
  private static final int MAX_CPUS = 8;

  /**
   * Reads the options.
   *
   * @throws IllegalArgumentException for what is not an option or not a value of it
   */
  static SmpStressOptions parse(String[] arguments) {
    List<SmpGuest> guests = List.of(SmpGuest.values());
    List<String> engines = List.of("translator", "interpreter");
    List<Integer> cpus = List.of(2, 4);
    long minutes = 1;
    long seed = 1;
    int passes = 400;
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--minutes" -> minutes = Long.parseLong(value);
        case "--engine" -> engines = List.of(value);
        case "--cpus" -> cpus = List.of(Integer.parseInt(value));
        case "--only" -> guests = List.of(SmpGuest.valueOf(value.toUpperCase(Locale.ROOT)));
        case "--seed" -> seed = Long.parseLong(value);
        case "--passes" -> passes = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    engines.forEach(SmpStress::engine);
    if (cpus.stream().anyMatch(count -> count < 2 || count > MAX_CPUS)) {
      throw new IllegalArgumentException("--cpus takes 2 to " + MAX_CPUS);
    }
    return new SmpStressOptions(guests, engines, cpus, minutes, seed, passes);
  }
}
