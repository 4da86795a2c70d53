package org.maloca.devices.pit;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * An 8254 programmable interval timer: three counters and a control register (Intel 8254 data
 * sheet, 231164). Every call carries the time in ticks of the counters' clock. Not thread-safe.
 */
public final class Pit8254 {
  public static final int CHANNELS = 3;
  public static final int CONTROL = 3;

  /** Returned by {@link #nextRise} when the output does not rise by itself. */
  public static final long NEVER = PitChannel.NEVER;

  private static final int READ_BACK = 3;
  private static final int READ_BACK_NO_COUNT = 0x20;
  private static final int READ_BACK_NO_STATUS = 0x10;

  private final PitChannel[] channels = {
    new PitChannel(true), new PitChannel(true), new PitChannel(false)
  };

  /** Stops the counters; their outputs are high, the gates of 0 and 1 too. */
  public void reset() {
    for (PitChannel channel : channels) {
      channel.reset();
    }
  }

  /** Reads register 0..3; the control register reads as ones. */
  public int read(int register, long tick) {
    return register == CONTROL ? 0xff : channels[register].read(tick);
  }

  /** Writes register 0..3. */
  public void write(int register, int value, long tick) {
    if (register != CONTROL) {
      channels[register].write(value, tick);
    } else if (value >> 6 == READ_BACK) {
      readBack(value, tick);
    } else if ((value & 0x30) == 0) {
      channels[value >> 6].latchCount(tick);
    } else {
      channels[value >> 6].program(value);
    }
  }

  private void readBack(int value, long tick) {
    for (int i = 0; i < CHANNELS; i++) {
      if ((value & 2 << i) == 0) {
        continue;
      }
      if ((value & READ_BACK_NO_COUNT) == 0) {
        channels[i].latchCount(tick);
      }
      if ((value & READ_BACK_NO_STATUS) == 0) {
        channels[i].latchStatus(tick);
      }
    }
  }

  /** The output of a counter. */
  public boolean out(int channel, long tick) {
    return channels[channel].out(tick);
  }

  /** The first tick after {@code tick} at which an output rises, or {@link #NEVER}. */
  public long nextRise(int channel, long tick) {
    return channels[channel].nextRise(tick);
  }

  /** What the counter counts down from, in ticks. */
  public int periodTicks(int channel) {
    return channels[channel].periodTicks();
  }

  /** Whether the counter starts over by itself: modes 2 and 3. */
  public boolean isPeriodic(int channel) {
    return channels[channel].isPeriodic();
  }

  public boolean gate(int channel) {
    return channels[channel].gate();
  }

  public void setGate(int channel, boolean level, long tick) {
    channels[channel].setGate(level, tick);
  }

  void save(SnapshotWriter.Section section, long tick) {
    for (PitChannel channel : channels) {
      channel.save(section, tick);
    }
  }

  void restore(SnapshotReader.Section section, long tick) {
    for (PitChannel channel : channels) {
      channel.restore(section, tick);
    }
  }
}
