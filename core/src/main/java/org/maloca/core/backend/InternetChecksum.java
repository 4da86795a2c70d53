package org.maloca.core.backend;

import java.nio.ByteBuffer;

/** The Internet checksum (RFC 1071): the complement of the ones' complement sum of all words. */
public final class InternetChecksum {
  private InternetChecksum() {}

  /**
   * Adds bytes up, the first one being the upper half of a word.
   *
   * @param bytes big-endian
   * @param sum what was summed before
   * @return a sum to go on with or to {@link #finish}
   */
  public static long add(ByteBuffer bytes, int from, int to, long sum) {
    long total = sum;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      long word = bytes.getLong(at);
      total += (word >>> 32) + (word & 0xffff_ffffL);
    }
    for (; at + 2 <= to; at += 2) {
      total += bytes.getShort(at) & 0xffff;
    }
    if (at < to) {
      total += (bytes.get(at) & 0xff) << 8;
    }
    return total;
  }

  /** Adds the carries up: the sum in 16 bits. */
  public static int fold(long sum) {
    long folded = (sum >>> 32) + (sum & 0xffff_ffffL);
    folded = (folded >>> 16) + (folded & 0xffff);
    folded = (folded >>> 16) + (folded & 0xffff);
    folded = (folded >>> 16) + (folded & 0xffff);
    return (int) folded;
  }

  /** The checksum that goes into the header. */
  public static int finish(long sum) {
    return ~fold(sum) & 0xffff;
  }
}
