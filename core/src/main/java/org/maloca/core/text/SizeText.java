package org.maloca.core.text;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 512}, {@code 64K}, {@code 1.5G}, {@code 2TiB}. */
public final class SizeText {
  private static final String UNITS = "BKMGTPE";
  private static final Pattern SYNTAX =
      Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?)([KMGTPE]?)(I?B)?");

  private SizeText() {}

  /**
   * Reads a size in bytes; a bare number is bytes.
   *
   * @param what it is the size of, for the message
   * @throws IllegalArgumentException with a message for people
   */
  public static long parse(String what, String text) {
    return parse(what, text, 'B');
  }

  /**
   * Reads a size in bytes.
   *
   * @param bareUnit what a bare number counts: one of {@code BKMGTPE}
   */
  public static long parse(String what, String text, char bareUnit) {
    Matcher matcher = SYNTAX.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "%s: '%s' is not a size, as 512, 64K or 1.5G".formatted(what, text));
    }
    char unit =
        !matcher.group(2).isEmpty()
            ? matcher.group(2).charAt(0)
            : matcher.group(3) != null ? 'B' : bareUnit;
    int index = UNITS.indexOf(unit);
    BigDecimal bytes =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << 10 * index));
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE - 511)) > 0) {
      throw new IllegalArgumentException("%s: %s is too large".formatted(what, text));
    }
    return bytes.longValue();
  }

  /** A size for people, as {@code 1.5 GiB}. */
  public static String format(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int unit =
        Math.min((Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes)) / 10, UNITS.length() - 1);
    double value = (double) bytes / (1L << 10 * unit);
    String text = value >= 100 ? "%.0f".formatted(value) : "%.3g".formatted(value);
    if (text.contains(".")) {
      text = text.replaceAll("\\.?0+$", "");
    }
    return "%s %ciB".formatted(text, UNITS.charAt(unit));
  }
}
