package org.maloca.cli;

import java.io.IOException;
import org.maloca.core.text.SizeText;

/**
 * How much a balloon is to take: a size, or with a sign so much more or less than now. A bare
 * number is MiB.
 *
 * @param sign 1 for more, -1 for less, 0 for a size of its own
 */
record BalloonSize(int sign, long bytes) {
  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static BalloonSize parse(String text) {
    int sign = text.startsWith("+") ? 1 : text.startsWith("-") ? -1 : 0;
    return new BalloonSize(sign, SizeText.parse("size", text.substring(Math.abs(sign)), 'M'));
  }

  /** Whether a text is meant as one. */
  static boolean isMeantBy(String text) {
    return text.matches("[+-].*|[0-9.]+ *[KMGTPEkmgtpe]?([Ii]?[Bb])?");
  }

  /**
   * The size that comes of it.
   *
   * @param before the balloon's, in bytes
   * @param memoryBytes of the machine
   * @throws IOException when the machine has not so much memory
   */
  long after(long before, long memoryBytes) throws IOException {
    if (sign < 0) {
      return Math.max(0, before - bytes);
    }
    long size = sign == 0 ? bytes : before + bytes;
    if (size > memoryBytes) {
      throw new IOException(
          "the machine has no more than %s of memory".formatted(SizeText.format(memoryBytes)));
    }
    return size;
  }
}
