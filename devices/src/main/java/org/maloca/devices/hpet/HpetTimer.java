package org.maloca.devices.hpet;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The registers of one HPET timer and when it matches (IA-PC HPET specification 1.0a, 2.3.8-2.3.9).
 * The owner's lock guards it.
 */
final class HpetTimer {
  static final long NEVER = Long.MAX_VALUE;

  private static final long INT_TYPE_LEVEL = 1 << 1;
  private static final long INT_ENABLE = 1 << 2;
  private static final long TYPE_PERIODIC = 1 << 3;
  private static final long PERIODIC_CAPABLE = 1 << 4;
  private static final long SIZE_64_CAPABLE = 1 << 5;
  private static final long VALUE_SET = 1 << 6;
  private static final long MODE_32 = 1 << 8;
  private static final int ROUTE_SHIFT = 9;
  private static final long FSB_ENABLE = 1 << 14;
  private static final long FSB_CAPABLE = 1 << 15;
  private static final long WRITABLE = 0x7f4e;
  private static final long RE_ARMING = TYPE_PERIODIC | MODE_32;
  private static final long WRAP_32 = 1L << 32;

  /** Longer waits than 146 years are never. */
  private static final long MAX_WAIT_TICKS = Long.MAX_VALUE / 20;

  /** 50 microseconds: no guest can keep the clock's thread busy with a shorter period. */
  private static final long MIN_PERIOD_TICKS = 5000;

  private final long capabilities;
  private long configuration;
  private long comparator;
  private long period;
  private long fsbRoute;

  /** The tick of the host's count, not of the guest's counter, at which it matches. */
  private long dueTick = NEVER;

  HpetTimer(long routeMask) {
    capabilities = routeMask << 32 | PERIODIC_CAPABLE | SIZE_64_CAPABLE | FSB_CAPABLE;
  }

  void reset() {
    configuration = 0;
    comparator = -1;
    period = 0;
    fsbRoute = 0;
    dueTick = NEVER;
  }

  long configuration() {
    return capabilities | configuration;
  }

  /** Writes the configuration; true when the match must be computed anew. */
  boolean configure(long value) {
    long old = configuration;
    configuration = value & WRITABLE;
    if (is32Bit()) {
      comparator &= 0xffff_ffffL;
      period &= 0xffff_ffffL;
    }
    return ((old ^ configuration) & RE_ARMING) != 0;
  }

  boolean isLevel() {
    return (configuration & INT_TYPE_LEVEL) != 0;
  }

  boolean isInterruptEnabled() {
    return (configuration & INT_ENABLE) != 0;
  }

  boolean isMessage() {
    return (configuration & FSB_ENABLE) != 0;
  }

  /** The I/O APIC input chosen, whether or not the timer can reach it. */
  int route() {
    return (int) (configuration >> ROUTE_SHIFT) & 0x1f;
  }

  boolean isRoutable() {
    return (capabilities >>> 32 >>> route() & 1) != 0;
  }

  private boolean isPeriodic() {
    return (configuration & TYPE_PERIODIC) != 0;
  }

  private boolean is32Bit() {
    return (configuration & MODE_32) != 0;
  }

  private long width(long value) {
    return is32Bit() ? value & 0xffff_ffffL : value;
  }

  long comparator() {
    return comparator;
  }

  /** Writes the bits of the comparator (or of the period behind it) that {@code mask} chooses. */
  void writeComparator(long value, long mask) {
    boolean setsComparator = !isPeriodic() || (configuration & VALUE_SET) != 0;
    if (setsComparator) {
      comparator = width(comparator & ~mask | value & mask);
    }
    if (isPeriodic()) {
      period = width(period & ~mask | value & mask);
    }
    configuration &= ~VALUE_SET;
  }

  long fsbRoute() {
    return fsbRoute;
  }

  void writeFsbRoute(long value, long mask) {
    fsbRoute = fsbRoute & ~mask | value & mask;
  }

  long dueTick() {
    return dueTick;
  }

  void stop() {
    dueTick = NEVER;
  }

  /** Computes when the running counter meets the comparator next; now counts. */
  void schedule(long nowTick, long counter) {
    if (isPeriodic() && period != 0 && behind(counter) > 0) {
      skipPast(counter);
    }
    scheduleIn(width(comparator - counter), nowTick);
  }

  private void scheduleIn(long waitTicks, long nowTick) {
    boolean isFar = waitTicks < 0 || waitTicks > MAX_WAIT_TICKS;
    dueTick = isFar ? NEVER : nowTick + waitTicks;
  }

  /** How far the counter is past the comparator, as a signed number of the timer's width. */
  private long behind(long counter) {
    long distance = counter - comparator;
    return is32Bit() ? (int) distance : distance;
  }

  private void skipPast(long counter) {
    long periods = Long.divideUnsigned(behind(counter), period) + 1;
    comparator = width(comparator + periods * period);
  }

  /** Moves on after a match; periods that were missed are one. */
  void matched(long nowTick, long counter) {
    if (isPeriodic() && period != 0) {
      if (behind(counter) >= 0) {
        skipPast(counter);
      }
      scheduleIn(width(comparator - counter), nowTick);
      if (Long.compareUnsigned(period, MIN_PERIOD_TICKS) < 0) {
        dueTick = Math.max(dueTick, nowTick + MIN_PERIOD_TICKS);
      }
    } else {
      dueTick = is32Bit() ? dueTick + WRAP_32 : NEVER;
    }
  }

  void save(SnapshotWriter.Section section) {
    section.put(configuration).put(comparator).put(period).put(fsbRoute);
  }

  void restore(SnapshotReader.Section section) {
    configuration = section.getLong() & WRITABLE;
    comparator = section.getLong();
    period = section.getLong();
    fsbRoute = section.getLong();
    dueTick = NEVER;
  }
}
