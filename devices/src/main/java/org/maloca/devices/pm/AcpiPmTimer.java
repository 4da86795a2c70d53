package org.maloca.devices.pm;

import org.maloca.core.time.Frequency;
import org.maloca.core.time.VirtualClock;

/**
 * The ACPI power-management timer: a free-running counter at 3.579545 MHz, 24 or 32 bits wide (ACPI
 * 6.5, 4.8.2.1). It tells when its top bit changes, which is its only event. The offset changes
 * only while the machine stands; otherwise safe for any thread.
 */
public final class AcpiPmTimer {
  private final VirtualClock clock;
  private final int bits;
  private volatile long offset;

  /**
   * Makes a counter.
   *
   * @param bits 24 or 32; ACPI's TMR_VAL_EXT flag says 32
   */
  public AcpiPmTimer(VirtualClock clock, int bits) {
    if (bits != 24 && bits != 32) {
      throw new IllegalArgumentException("width of PM timer: " + bits);
    }
    this.clock = clock;
    this.bits = bits;
  }

  /** Ticks since the machine was first started, without a limit of width. */
  long ticks() {
    return Frequency.ACPI_PM_TIMER.ticksAt(clock.nanos()) + offset;
  }

  /** What the guest reads, zero-extended. */
  public long value() {
    return ticks() & (1L << bits) - 1;
  }

  /** How often the top bit has changed. */
  long halfTurns() {
    return ticks() >> bits - 1;
  }

  /** When the top bit changes next, on the machine's clock. */
  long nextHalfTurnNanos() {
    return Frequency.ACPI_PM_TIMER.nanosAt((halfTurns() + 1 << bits - 1) - offset);
  }

  /** Goes on from a saved number of ticks. */
  void restore(long ticks) {
    offset = ticks - Frequency.ACPI_PM_TIMER.ticksAt(clock.nanos());
  }
}
