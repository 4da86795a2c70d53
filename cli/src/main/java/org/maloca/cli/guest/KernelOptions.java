package org.maloca.cli.guest;

/** Options that Linux gets whenever its command line is ours to write. */
public final class KernelOptions {
  /**
   * Linux tries out the PC's timer while it boots, and gives up where it sees less than half of the
   * ticks in 40 ms: so it would on a host that has no processor for us just then.
   */
  public static final String NO_TIMER_CHECK = "no_timer_check";

  private KernelOptions() {}
}
