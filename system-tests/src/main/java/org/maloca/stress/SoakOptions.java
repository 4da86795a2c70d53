package org.maloca.stress;

/**
 * The command line of {@link Soak}.
 *
 * @param minutes how long it lasts
 * @param regions most regions in use
 * @param cpus of the guest
 * @param seed which functions the guest makes
 */
record SoakOptions(long minutes, int regions, int cpus, long seed) {
  static final SoakOptions DEFAULT = new SoakOptions(40, 400, 1, 1);

  /**
   * Reads the options.
   *
   * @throws IllegalArgumentException for what is not an option or not a value of it
   */
  static SoakOptions parse(String[] arguments) {
    SoakOptions read = DEFAULT;
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      long value = Long.parseLong(arguments[i + 1]);
      read =
          switch (arguments[i]) {
            case "--minutes" -> new SoakOptions(value, read.regions, read.cpus, read.seed);
            case "--regions" -> new SoakOptions(read.minutes, (int) value, read.cpus, read.seed);
            case "--cpus" -> new SoakOptions(read.minutes, read.regions, (int) value, read.seed);
            case "--seed" -> new SoakOptions(read.minutes, read.regions, read.cpus, value);
            default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
          };
    }
    return read;
  }
}
