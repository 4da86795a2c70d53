package org.maloca.machine.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 512M}, {@code 2G}, {@code 65536K}; a bare number is MiB. */
public final class MemorySize {
  private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,12})([KMGT]?)(?:I?B)?");

  private MemorySize() {}

  /**
   * Reads a size.
   *
   * @return bytes
   * @throws ConfigException when it is not a size, or more than 2^62 bytes
   */
  public static long parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new ConfigException("'%s' is not a size such as 512M or 2G".formatted(text));
    }
    int shift =
        switch (matcher.group(2)) {
          case "K" -> 10;
          case "G" -> 30;
          case "T" -> 40;
          default -> 20;
        };
    long number = Long.parseLong(matcher.group(1));
    if (number > Long.MAX_VALUE >> shift + 1) {
      throw new ConfigException("size %s is too large".formatted(text));
    }
    return number << shift;
  }

  /** The shortest exact spelling, in binary units. */
  public static String format(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    long number = bytes;
    while (unit < units.length - 1 && number >= 1024 && (number & 1023) == 0) {
      number >>= 10;
      unit++;
    }
    return number + " " + units[unit];
  }
}
