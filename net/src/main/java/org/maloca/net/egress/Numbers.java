package org.maloca.net.egress;

/** Decimal numbers of rules. */
final class Numbers {
  private Numbers() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none, or outside the bounds
   */
  static int parse(String text, int least, int most, String what) {
    try {
      // Signs and foreign digits are not what anybody means.
      int value = text.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(text) : -1;
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException notNumber) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "'%s' is not a %s (%d to %d)".formatted(text, what, least, most));
  }
}
