package org.maloca.block.disk;

import java.math.BigDecimal;

/** Sizes as people write them: {@code 512}, {@code 64K}, {@code 1.5G}, {@code 2TiB}. */
public final class SizeText {
  private static final String UNITS = "BKMGTPE";

  private SizeText() {}

  /**
   * Reads a size in bytes.
   *
   * @param what it is the size of, for the message
   * @throws IllegalArgumentException with a message for people
   */
  public static long parse(String what, String text) {
    String digits = text.strip();
    if (digits.endsWith("iB")) {
      digits = digits.substring(0, digits.length() - 2);
    }
    int unit = 0;
    if (!digits.isEmpty()) {
      int found = UNITS.indexOf(Character.toUpperCase(digits.charAt(digits.length() - 1)));
      if (found >= 0) {
        unit = found;
        digits = digits.substring(0, digits.length() - 1);
      }
    }
    if (!digits.matches("[0-9]{1,19}(\\.[0-9]{1,9})?")) {
      throw new IllegalArgumentException(
          "%s: '%s' is not a size, as 512, 64K or 1.5G".formatted(what, text));
    }
    BigDecimal bytes = new BigDecimal(digits).multiply(BigDecimal.valueOf(1L << 10 * unit));
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
