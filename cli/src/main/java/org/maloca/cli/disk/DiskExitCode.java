package org.maloca.cli.disk;

/** What disk commands tell their caller: the values that users of {@code qemu-img} know. */
final class DiskExitCode {
  /** The command did what it was asked; images compared are the same; a checked one is clean. */
  static final int OK = 0;

  /** The command failed; a check could not be completed; images compared differ. */
  static final int FAILED = 1;

  /** A check found corruptions; a comparison failed. */
  static final int CORRUPT = 2;

  /** A check found room that is lost, and nothing worse. */
  static final int LEAKS = 3;

  /** The format has nothing to check. */
  static final int CANNOT_CHECK = 63;

  private DiskExitCode() {}
}
