package org.maloca.machine.config;

import java.util.Objects;
import org.maloca.core.text.SizeText;

/** Sizes as people write them: {@code 512M}, {@code 2G}, {@code 65536K}; a bare number is MiB. */
public final class MemorySize {
  private MemorySize() {}

  /**
   * Reads a size.
   *
   * @return bytes
   * @throws ConfigException when it is not a size
   */
  public static long parse(String text) {
    try {
      return SizeText.parse("size", text, 'M');
    } catch (IllegalArgumentException wrong) {
      throw new ConfigException(Objects.requireNonNull(wrong.getMessage()));
    }
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
