package org.maloca.devices.pit;

import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.Frequency;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.isa.ByteLanes;

/**
 * The PC's timer: an {@link Pit8254} at ports 0x40-0x43 whose counter 0 drives IRQ 0, and system
 * control port B (0x61) with the gate and output of the speaker's counter 2.
 *
 * <p>Ticks are computed from the absolute time, so nothing drifts. Rises of the output that fall
 * between two looks make one edge. Falls of counter 0's output show on the line only when something
 * else happens, since an edge-triggered input does not see them. Safe for any thread.
 */
public final class IsaPit implements Device {
  public static final int PORT = 0x40;
  public static final int CONTROL_PORT_B = 0x61;

  private static final int SECTION_VERSION = 1;

  private static final int GATE_2 = 0x01;
  private static final int SPEAKER_ENABLED = 0x02;
  private static final int WRITABLE = 0x0f;
  private static final int REFRESH_TOGGLE = 0x10;
  private static final int OUT_2 = 0x20;

  /** DRAM was refreshed every 18 ticks. */
  private static final int REFRESH_TICKS = 18;

  /** 50 microseconds: no guest can keep the clock's thread busy with a shorter period. */
  private static final int MIN_PERIOD_TICKS = 60;

  private final VirtualClock clock;
  private final IrqLine irq;
  private final VirtualClock.Timer timer;
  private final Object lock = new Object();
  private final Pit8254 pit = new Pit8254();
  private int controlB;
  private long seenTick;
  private boolean irqLevel;

  /**
   * Makes the timer.
   *
   * @param irq0 where counter 0's output leads
   */
  public IsaPit(VirtualClock clock, IrqLine irq0) {
    this.clock = clock;
    this.irq = irq0;
    this.timer = clock.newTimer(this::timerAlarmed);
  }

  /** Registers ports 0x40-0x43 and 0x61. */
  public void register(PortBus ports) {
    ports.register(PORT, 4, new ByteLanes(4, this::read, this::write));
    ports.register(
        CONTROL_PORT_B,
        1,
        new ByteLanes(1, port -> readControlB(), (port, value) -> writeControlB(value)));
  }

  private long tick() {
    return Frequency.PIT.ticksAt(clock.nanos());
  }

  private int read(int register) {
    synchronized (lock) {
      return pit.read(register, tick());
    }
  }

  private void write(int register, int value) {
    synchronized (lock) {
      long tick = tick();
      catchUp(tick);
      pit.write(register, value, tick);
      settle(tick);
    }
  }

  private int readControlB() {
    synchronized (lock) {
      long tick = tick();
      int refresh = (tick / REFRESH_TICKS & 1) != 0 ? REFRESH_TOGGLE : 0;
      return controlB | refresh | (pit.out(2, tick) ? OUT_2 : 0);
    }
  }

  private void writeControlB(int value) {
    synchronized (lock) {
      controlB = value & WRITABLE;
      pit.setGate(2, (value & GATE_2) != 0, tick());
    }
  }

  /** Whether port 0x61 lets counter 2 drive the speaker. */
  public boolean isSpeakerEnabled() {
    synchronized (lock) {
      return (controlB & SPEAKER_ENABLED) != 0;
    }
  }

  private void timerAlarmed() {
    synchronized (lock) {
      long tick = tick();
      catchUp(tick);
      arm(tick);
    }
  }

  /** Makes an edge if the output has risen since the last look. */
  private void catchUp(long tick) {
    boolean hasRisen = pit.nextRise(0, seenTick) <= tick;
    seenTick = tick;
    if (hasRisen) {
      irq.set(false);
      irq.set(true);
      irqLevel = true;
    }
  }

  private void settle(long tick) {
    boolean level = pit.out(0, tick);
    if (level != irqLevel) {
      irqLevel = level;
      irq.set(level);
    }
    arm(tick);
  }

  private void arm(long tick) {
    long rise = pit.nextRise(0, tick);
    if (rise == Pit8254.NEVER) {
      timer.cancel();
      return;
    }
    boolean isTooShort = pit.isPeriodic(0) && pit.periodTicks(0) < MIN_PERIOD_TICKS;
    timer.arm(Frequency.PIT.nanosAt(isTooShort ? Math.max(rise, tick + MIN_PERIOD_TICKS) : rise));
  }

  @Override
  public String id() {
    return "pit";
  }

  @Override
  public void reset() {
    synchronized (lock) {
      pit.reset();
      controlB = 0;
      seenTick = tick();
      settle(seenTick);
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      long tick = tick();
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      pit.save(section, tick);
      section.put(controlB).put(tick - seenTick).put(irqLevel);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      long tick = tick();
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      pit.restore(section, tick);
      controlB = section.getInt() & WRITABLE;
      seenTick = tick - section.getLong();
      irqLevel = section.getBoolean();
      irq.restoreLevel(irqLevel);
      timer.arm(clock.nanos());
    }
  }
}
