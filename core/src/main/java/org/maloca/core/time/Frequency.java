package org.maloca.core.time;

/**
 * Converts between nanoseconds and the ticks of a fixed frequency, exactly and without drift: both
 * directions are functions of the absolute time, so that rounding never adds up.
 *
 * @param hertz ticks a second, 1 to 9,000,000,000
 */
public record Frequency(long hertz) {
  /** The I/O clock of the PC's 8254 timer: a third of 3.579545 MHz. */
  public static final Frequency PIT = new Frequency(1_193_182);

  /** The ACPI power-management timer (ACPI 6.5, 4.8.2.1). */
  public static final Frequency ACPI_PM_TIMER = new Frequency(3_579_545);

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long MAX_HERTZ = 9_000_000_000L;

  public Frequency {
    if (hertz < 1 || hertz > MAX_HERTZ) {
      throw new IllegalArgumentException("frequency out of range: " + hertz);
    }
  }

  /** Whole ticks that have passed at a time; {@code nanos} is not negative. */
  public long ticksAt(long nanos) {
    return nanos / NANOS_PER_SECOND * hertz + nanos % NANOS_PER_SECOND * hertz / NANOS_PER_SECOND;
  }

  /**
   * The first nanosecond at which that many ticks have passed; {@code ticks} is not negative.
   * Saturates at a quarter of the range of {@code long}, some 73 years, so that a caller may add
   * times without overflow.
   */
  public long nanosAt(long ticks) {
    long seconds = ticks / hertz;
    if (seconds >= Long.MAX_VALUE / 4 / NANOS_PER_SECOND) {
      return Long.MAX_VALUE / 4;
    }
    return seconds * NANOS_PER_SECOND + Math.ceilDiv(ticks % hertz * NANOS_PER_SECOND, hertz);
  }
}
