package org.maloca.cli;

/** What {@code maloca} tells its caller; values from 64 on follow BSD's sysexits(3). */
public final class ExitCode {
  /** The guest powered off, or the command did what it was asked. */
  public static final int OK = 0;

  /** Unknown options, impossible values. */
  public static final int USAGE = 64;

  /** A kernel, initrd or disk image that is missing, damaged or of another kind. */
  public static final int BAD_IMAGE = 65;

  /** The host lacks what is needed: memory, packages. */
  public static final int UNAVAILABLE = 69;

  /** Maloca itself failed. */
  public static final int CRASH = 70;

  /** The guest's output could not be written. */
  public static final int OUTPUT_LOST = 74;

  /** The guest reset itself under {@code --no-reboot}. */
  public static final int GUEST_RESET = 75;

  /** A CPU of the guest shut down by a triple fault. */
  public static final int TRIPLE_FAULT = 76;

  /** The user left by the escape key. */
  public static final int LEFT = 130;

  /** The table for people. */
  static final String[] HELP = {
    "  0    the guest powered off",
    "  64   wrong usage",
    "  65   a kernel, an initrd or a disk image is missing, damaged or of another kind",
    "  69   the host lacks something: memory, packages, a network",
    "  70   Maloca itself failed",
    "  74   the guest's output could not be written",
    "  75   the guest reset itself and --no-reboot was given",
    "  76   the guest triple-faulted, with --no-reboot or three times in a row",
    "  130  left by the escape key (Ctrl-] q)",
    "  N    debug-exit: (value << 1) | 1, modulo 256",
  };

  private ExitCode() {}
}
