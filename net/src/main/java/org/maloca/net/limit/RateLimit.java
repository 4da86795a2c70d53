package org.maloca.net.limit;

/**
 * How much may pass in one direction. A rate of 0 is no limit.
 *
 * @param bytesPerSecond of whole Ethernet frames, as they are on the wire
 * @param burstBytes what may pass at once after a silence
 * @param packetsPerSecond frames on the wire; one that stands for many counts as many
 * @param burstPackets what may pass at once after a silence
 */
public record RateLimit(
    long bytesPerSecond, long burstBytes, long packetsPerSecond, long burstPackets) {
  /** Lets everything pass. */
  public static final RateLimit NONE = new RateLimit(0, 0, 0, 0);

  /** Checks the values. */
  public RateLimit {
    if (bytesPerSecond < 0 || burstBytes < 0 || packetsPerSecond < 0 || burstPackets < 0) {
      throw new IllegalArgumentException("a limit below 0");
    }
  }

  /** Limits with bursts of 50 ms, and of no less than a large frame. */
  public static RateLimit of(long bytesPerSecond, long packetsPerSecond) {
    return new RateLimit(
        bytesPerSecond,
        Math.max(bytesPerSecond / 20, 65536),
        packetsPerSecond,
        Math.max(packetsPerSecond / 20, 64));
  }

  public boolean isNone() {
    return bytesPerSecond == 0 && packetsPerSecond == 0;
  }
}
