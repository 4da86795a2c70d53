package org.maloca.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Rows that have a bar in common: the greatest part of QEMU's time that Maloca may take for each of
 * them, and in their geometric mean.
 */
enum Group {
  INTEGER(0.6, 0.45),
  HASHING(0.9),
  SCALAR(0.15),
  PACKED(0.4),
  X87(0.6),
  COPYING(0.1),
  MEMORY(0.6),
  CODE(0.3),
  SYSTEM(0.9, 0.7),
  THREADS(1.0),
  PROGRAMS(0.9, 0.5),
  DISK(1.0),
  NETWORK(1.0);

  private final double rowBar;
  private final double meanBar;

  Group(double bar) {
    this(bar, bar);
  }

  Group(double rowBar, double meanBar) {
    this.rowBar = rowBar;
    this.meanBar = meanBar;
  }

  /** The group of a name as guests and options have it. */
  static Group of(String title) throws BenchException {
    return Arrays.stream(values())
        .filter(group -> group.title().equals(title))
        .findFirst()
        .orElseThrow(() -> new BenchException("there is no group of rows " + title));
  }

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  double rowBar() {
    return rowBar;
  }

  double meanBar() {
    return meanBar;
  }
}
