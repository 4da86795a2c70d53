package org.maloca.machine.board;

import org.maloca.core.time.VirtualClock;
import org.maloca.x86.TimeStampCounter;

/** A time stamp counter of 1 GHz: a tick is a nanosecond of the machine's time. */
final class MachineTsc implements TimeStampCounter {
  static final long FREQUENCY_HZ = 1_000_000_000L;

  private final VirtualClock clock;

  MachineTsc(VirtualClock clock) {
    this.clock = clock;
  }

  @Override
  public long ticks() {
    return clock.nanos();
  }

  @Override
  public long frequencyHz() {
    return FREQUENCY_HZ;
  }
}
