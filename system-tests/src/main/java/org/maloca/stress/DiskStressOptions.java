package org.maloca.stress;

import java.util.regex.Pattern;

/**
 * The command lines of {@link DiskCrash} and {@link DiskOperations}.
 *
 * @param count how many kills or operations
 * @param only variants whose title has a match
 */
record DiskStressOptions(long count, long seed, Pattern only) {
  /**
   * Reads the options.
   *
   * @param countName the option that says how many
   * @throws IllegalArgumentException for what is not an option or not a value of it
   */
  static DiskStressOptions parse(String[] arguments, String countName, long count) {
    DiskStressOptions read = new DiskStressOptions(count, 1, Pattern.compile(""));
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
      String value = arguments[i + 1];
      if (arguments[i].equals(countName)) {
        read = new DiskStressOptions(Long.parseLong(value), read.seed, read.only);
      } else if (arguments[i].equals("--seed")) {
        read = new DiskStressOptions(read.count, Long.parseLong(value), read.only);
      } else if (arguments[i].equals("--only")) {
        read = new DiskStressOptions(read.count, read.seed, Pattern.compile(value));
      } else {
        throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    return read;
  }

  /** The same for a main method: ends the process with status 2 when they are wrong. */
  static DiskStressOptions parseOrExit(String[] arguments, String countName, long count) {
    try {
      return parse(arguments, countName, count);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
      throw wrong;
    }
  }
}
