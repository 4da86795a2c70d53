package org.maloca.cli.disk;

import org.maloca.core.text.SizeText;

/** The size that a disk is to have: so much, or so much more or less than now. */
record DiskSize(Kind kind, long bytes) {
  enum Kind {
    EXACTLY,
    MORE,
    LESS
  }

  /**
   * Reads {@code 20G}, {@code +1G} or {@code -512M}.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static DiskSize parse(String text) {
    Kind kind = text.startsWith("+") ? Kind.MORE : text.startsWith("-") ? Kind.LESS : Kind.EXACTLY;
    return new DiskSize(
        kind, SizeText.parse("size", kind == Kind.EXACTLY ? text : text.substring(1)));
  }

  /** What {@link #parse} reads as the same. */
  String text() {
    String sign =
        switch (kind) {
          case EXACTLY -> "";
          case MORE -> "+";
          case LESS -> "-";
        };
    return sign + bytes;
  }

  /**
   * The size for a disk that has one, in whole sectors.
   *
   * @throws IllegalArgumentException with a message for people
   */
  long after(long before) {
    if (kind == Kind.LESS && bytes > before) {
      throw new IllegalArgumentException("size: the disk has %d bytes only".formatted(before));
    }
    if (kind == Kind.MORE && bytes > Long.MAX_VALUE - 512 - before) {
      throw new IllegalArgumentException("size: the sum is too large");
    }
    long after =
        switch (kind) {
          case EXACTLY -> bytes;
          case MORE -> before + bytes;
          case LESS -> before - bytes;
        };
    return after > Long.MAX_VALUE - 511 ? after & -512 : (after + 511) & -512;
  }
}
