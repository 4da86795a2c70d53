package org.maloca.devices.kvm;

import java.time.Instant;
import org.maloca.core.device.Device;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.VirtualClock;

/**
 * KVM's clock for one vCPU (Linux, Documentation/virt/kvm/x86/msr.rst, and the structures of
 * pvclock-abi.h): the guest names a place in its memory, and finds there how the CPU's time stamp
 * counter is made the machine's time. So it need not measure the counter's rate by another timer,
 * which takes it up to a fifth of a second, and comes out a little wrong.
 *
 * <p>The counter runs at one rate for good, and with the machine's time: what was written holds
 * until the guest moves its counter. A place that is not RAM swallows it, as DMA does.
 *
 * <p>For the vCPU's thread; other methods while it does not run.
 */
public final class KvmClock implements Device {
  /** MSR_KVM_WALL_CLOCK, MSR_KVM_SYSTEM_TIME and the same by their later numbers. */
  private static final int WALL_CLOCK = 0x11;

  private static final int SYSTEM_TIME = 0x12;
  private static final int WALL_CLOCK_NEW = 0x4b56_4d00;
  private static final int SYSTEM_TIME_NEW = 0x4b56_4d01;

  /** In SYSTEM_TIME: the place is to be kept up to date. */
  private static final long ENABLED = 1;

  // struct pvclock_vcpu_time_info. What a reader finds is consistent if the version is even, and
  // the same before and after.

  private static final int VERSION = 0;
  private static final int TSC_TIMESTAMP = 8;
  private static final int SYSTEM_NANOS = 16;
  private static final int TSC_TO_SYSTEM_MUL = 24;
  private static final int TSC_SHIFT = 28;
  private static final int FLAGS = 29;

  /** PVCLOCK_TSC_STABLE_BIT: time does not go back from CPU to CPU. */
  private static final int TSC_STABLE = 1;

  // struct pvclock_wall_clock: when the system's time was 0.

  private static final int WALL_SECONDS = 4;
  private static final int WALL_NANOS = 8;

  /** Physical addresses have no more bits (AMD APM vol. 2, 5.1). */
  private static final int MOST_ADDRESS_BITS = 52;

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int SECTION_VERSION = 1;

  private final int index;
  private final GuestMemory memory;
  private final VirtualClock clock;
  private final long multiplier;
  private final int shift;
  private long wallClock;
  private long systemTime;
  private int version;
  private long ticksAhead;

  /**
   * Makes the clock.
   *
   * @param index the vCPU's
   * @param tscHz ticks of the time stamp counter a second, at least 1000
   */
  public KvmClock(int index, GuestMemory memory, VirtualClock clock, long tscHz) {
    this.index = index;
    this.memory = memory;
    this.clock = clock;
    // Nanoseconds are (ticks << shift) * multiplier >> 32, with a multiplier of 32 bits whose
    // highest is set.
    int left = 0;
    long rate = tscHz;
    while (rate <= NANOS_PER_SECOND) {
      rate <<= 1;
      left++;
    }
    while (rate > 2 * NANOS_PER_SECOND) {
      rate >>= 1;
      left--;
    }
    shift = left;
    multiplier = (NANOS_PER_SECOND << 32) / rate;
  }

  @Override
  public String id() {
    return "kvm-clock" + index;
  }

  /** Reads an MSR; false if it is none of the clock's. */
  public boolean readMsr(int msr, long[] value) {
    switch (msr) {
      case WALL_CLOCK, WALL_CLOCK_NEW -> value[0] = wallClock;
      case SYSTEM_TIME, SYSTEM_TIME_NEW -> value[0] = systemTime;
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Writes an MSR; false if it is none of the clock's. */
  public boolean writeMsr(int msr, long value) {
    switch (msr) {
      case WALL_CLOCK, WALL_CLOCK_NEW -> {
        wallClock = value;
        tellWallClock(value);
      }
      case SYSTEM_TIME, SYSTEM_TIME_NEW -> {
        systemTime = value;
        tellSystemTime();
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * Says how the CPU's time stamp counter now differs from the machine's.
   *
   * @param ticks that it is ahead
   */
  public void counterMoved(long ticks) {
    if (ticks != ticksAhead) {
      ticksAhead = ticks;
      tellSystemTime();
    }
  }

  private void tellSystemTime() {
    long gpa = systemTime & ~ENABLED;
    if ((systemTime & ENABLED) == 0 || !isAddress(gpa)) {
      return;
    }
    beginUpdate(gpa);
    memory.write(gpa + TSC_TIMESTAMP, 8, ticksAhead);
    memory.write(gpa + SYSTEM_NANOS, 8, 0);
    memory.write(gpa + TSC_TO_SYSTEM_MUL, 4, multiplier);
    memory.write(gpa + TSC_SHIFT, 1, shift);
    memory.write(gpa + FLAGS, 1, TSC_STABLE);
    endUpdate(gpa);
  }

  private void tellWallClock(long gpa) {
    if (!isAddress(gpa)) {
      return;
    }
    Instant begun = clock.wallClock().minusNanos(clock.nanos());
    beginUpdate(gpa);
    memory.write(gpa + WALL_SECONDS, 4, begun.getEpochSecond());
    memory.write(gpa + WALL_NANOS, 4, begun.getNano());
    endUpdate(gpa);
  }

  private static boolean isAddress(long gpa) {
    return gpa >>> MOST_ADDRESS_BITS == 0;
  }

  private void beginUpdate(long gpa) {
    version = (version | 1) + 2;
    memory.write(gpa + VERSION, 4, version);
  }

  private void endUpdate(long gpa) {
    version++;
    memory.write(gpa + VERSION, 4, version);
  }

  @Override
  public void reset() {
    wallClock = 0;
    systemTime = 0;
  }

  @Override
  public void save(SnapshotWriter writer) {
    SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
    section.put(wallClock).put(systemTime).put(version).put(ticksAhead);
  }

  /** What the guest's memory says stays as it is: it is restored, too. */
  @Override
  public void restore(SnapshotReader reader) {
    SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
    wallClock = section.getLong();
    systemTime = section.getLong();
    version = section.getInt();
    ticksAhead = section.getLong();
  }
}
