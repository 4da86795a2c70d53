package org.maloca.block.limit;

/**
 * How much of something a disk may do.
 *
 * @param perSecond requests or bytes a second in the long run; 0 is without limit
 * @param burstPerSecond the same for a while after the disk did less; 0 is none
 * @param burstSeconds how long it may do so
 */
public record Rate(long perSecond, long burstPerSecond, long burstSeconds) {
  /** Without limit. */
  public static final Rate UNLIMITED = new Rate(0, 0, 1);

  private static final long MAX_PER_SECOND = 1_000_000_000_000_000L;
  private static final long MAX_BURST_SECONDS = 1_000_000;

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException with a message for people
   */
  public Rate {
    if (perSecond < 0 || perSecond > MAX_PER_SECOND || burstPerSecond > MAX_PER_SECOND) {
      throw new IllegalArgumentException("a limit is a number up to 10^15");
    }
    if (burstPerSecond != 0 && burstPerSecond < perSecond) {
      throw new IllegalArgumentException("the limit of a burst is below that of the long run");
    }
    if (burstPerSecond != 0 && perSecond == 0) {
      throw new IllegalArgumentException("a burst needs a limit for the long run");
    }
    if (burstSeconds < 1 || burstSeconds > MAX_BURST_SECONDS) {
      throw new IllegalArgumentException("a burst lasts 1 to 10^6 seconds");
    }
    if (burstPerSecond == 0 && burstSeconds != 1) {
      throw new IllegalArgumentException("the length of a burst needs the limit of a burst");
    }
  }

  public boolean isUnlimited() {
    return perSecond == 0;
  }
}
