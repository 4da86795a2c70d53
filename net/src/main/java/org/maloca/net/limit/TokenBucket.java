package org.maloca.net.limit;

/**
 * A token bucket that may be overdrawn: whoever comes while something is in it may take all that he
 * needs, and the debt is paid before the next one. So the rate holds exactly over time, also for
 * large frames and small buckets. Not thread-safe; allocates nothing.
 */
public final class TokenBucket {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double perNano;
  private final double burst;
  private double tokens;
  private long filledAtNanos;

  /**
   * Makes a full bucket.
   *
   * @param ratePerSecond tokens that come in a second, more than 0
   * @param burst the most that it holds, more than 0
   */
  public TokenBucket(long ratePerSecond, long burst, long nowNanos) {
    if (ratePerSecond <= 0 || burst <= 0) {
      throw new IllegalArgumentException("rate " + ratePerSecond + ", burst " + burst);
    }
    perNano = ratePerSecond / NANOS_PER_SECOND;
    this.burst = burst;
    tokens = burst;
    filledAtNanos = nowNanos;
  }

  /** How long until something can be taken; 0 if it can be now. */
  public long nanosUntilReady(long nowNanos) {
    fill(nowNanos);
    // One nanosecond more, lest rounding bring the caller back just too early.
    return tokens > 0 ? 0 : (long) (-tokens / perNano) + 1;
  }

  /** Takes tokens, whether or not they are there. */
  public void take(long amount) {
    tokens -= amount;
  }

  private void fill(long nowNanos) {
    long elapsed = nowNanos - filledAtNanos;
    if (elapsed > 0) {
      tokens = Math.min(burst, tokens + elapsed * perNano);
      filledAtNanos = nowNanos;
    }
  }
}
