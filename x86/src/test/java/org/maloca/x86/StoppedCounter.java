package org.maloca.x86;

/** A time stamp counter that stands still at zero. */
public final class StoppedCounter implements TimeStampCounter {
  @Override
  public long ticks() {
    return 0;
  }

  @Override
  public long frequencyHz() {
    return 1_000_000_000;
  }
}
