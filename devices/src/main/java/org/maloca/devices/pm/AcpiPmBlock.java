package org.maloca.devices.pm;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.isa.ByteLanes;

/**
 * The ACPI fixed hardware: PM1a event and control registers, the PM timer and 16 general-purpose
 * events, laid out as in ICH9 (ACPI 6.5, 4.8). ACPI mode is on from power-on, so there is no SMI
 * command port.
 *
 * <p>Safe for any thread. The SCI is driven under the lock; power events are told without it.
 */
public final class AcpiPmBlock implements Device, IoHandler {
  public static final int DEFAULT_PORT = 0x600;
  public static final int PORTS = 0x40;
  public static final int PM1A_EVENT = 0x00;
  public static final int PM1A_CONTROL = 0x04;
  public static final int PM_TIMER = 0x08;

  /** Two bytes of status, then two of enables. */
  public static final int GPE0 = 0x20;

  public static final int GPE0_BYTES = 4;
  public static final int GPE0_EVENTS = 16;

  /** The value of SLP_TYP for soft-off, for the \_S5 object; the one firmware of VMs uses too. */
  public static final int SLP_TYP_S5 = 0;

  private static final int SECTION_VERSION = 1;

  private static final int PM1_STATUS = 0;
  private static final int PM1_ENABLE = 2;
  private static final int GPE0_STATUS = GPE0;
  private static final int GPE0_ENABLE = GPE0 + 2;

  private static final int TMR = 1;
  private static final int PWRBTN = 1 << 8;
  private static final int RTC = 1 << 10;
  private static final int STATUS_WRITABLE = 0x8731;
  private static final int ENABLE_WRITABLE = 0x0721;
  private static final int CONTROL_SCI_EN = 1;
  private static final int CONTROL_WRITABLE = 0x1c03;
  private static final int CONTROL_SLP_EN = 1 << 13;

  private final VirtualClock.Timer alarm;
  private final IrqLine sci;
  private final PowerEvents events;
  private final AcpiPmTimer pmTimer;
  private final Object lock = new Object();
  private final ByteLanes lanes = new ByteLanes(PORTS, this::readByte, this::writeByte);
  private int status;
  private int enable;
  private int control;
  private int gpeStatus;
  private int gpeEnable;
  private long seenHalfTurns;
  private boolean sciLevel;

  /**
   * Makes the block with a 32-bit PM timer.
   *
   * @param sci the system control interrupt, level-triggered
   */
  public AcpiPmBlock(VirtualClock clock, IrqLine sci, PowerEvents events) {
    this.sci = sci;
    this.events = events;
    this.pmTimer = new AcpiPmTimer(clock, 32);
    this.alarm = clock.newTimer(this::alarmed);
    control = CONTROL_SCI_EN;
  }

  /** Registers {@link #PORTS} ports from {@code basePort}. */
  public void register(PortBus ports, int basePort) {
    ports.register(basePort, PORTS, this);
  }

  /**
   * The power button was pressed: an operating system that listens shuts down. Any thread.
   *
   * @return whether one listens, by its having enabled the event
   */
  public boolean pressPowerButton() {
    synchronized (lock) {
      status |= PWRBTN;
      settle();
      return (enable & PWRBTN) != 0;
    }
  }

  /** The real-time clock's alarm went off: wakes an operating system that sleeps. Any thread. */
  public void rtcAlarmed() {
    synchronized (lock) {
      status |= RTC;
      settle();
    }
  }

  /** Signals general-purpose event 0..15. Any thread. */
  public void raiseGpe(int event) {
    synchronized (lock) {
      gpeStatus |= 1 << event;
      settle();
    }
  }

  private void alarmed() {
    synchronized (lock) {
      settle();
    }
  }

  /** Brings TMR_STS, the SCI and the alarm up to date. */
  private void settle() {
    long halfTurns = pmTimer.halfTurns();
    if (halfTurns != seenHalfTurns) {
      seenHalfTurns = halfTurns;
      status |= TMR;
    }
    boolean level = (status & enable & ENABLE_WRITABLE) != 0 || (gpeStatus & gpeEnable) != 0;
    level &= (control & CONTROL_SCI_EN) != 0;
    if (level != sciLevel) {
      sciLevel = level;
      sci.set(level);
    }
    // Nobody waits for a status that is set already.
    if ((enable & TMR) != 0 && (status & TMR) == 0) {
      alarm.arm(pmTimer.nextHalfTurnNanos());
    }
  }

  @Override
  public long read(int offset, int size) {
    if (offset >= PM_TIMER && offset < PM_TIMER + 4) {
      // Read whole, and without the lock: kernels use it as a clock.
      return pmTimer.value() >>> 8 * (offset - PM_TIMER);
    }
    return lanes.read(offset, size);
  }

  @Override
  public void write(int offset, int size, long value) {
    lanes.write(offset, size, value);
  }

  private int readByte(int offset) {
    synchronized (lock) {
      settle();
      int word =
          switch (offset & ~1) {
            case PM1_STATUS -> status;
            case PM1_ENABLE -> enable;
            case PM1A_CONTROL -> control;
            case GPE0_STATUS -> gpeStatus;
            case GPE0_ENABLE -> gpeEnable;
            default -> 0;
          };
      return word >> 8 * (offset & 1);
    }
  }

  private void writeByte(int offset, int value) {
    int shift = 8 * (offset & 1);
    int bits = value << shift;
    int mask = 0xff << shift;
    boolean isPowerOff = false;
    synchronized (lock) {
      settle();
      switch (offset & ~1) {
        case PM1_STATUS -> status &= ~(bits & STATUS_WRITABLE);
        case PM1_ENABLE -> enable = enable & ~mask | bits & ENABLE_WRITABLE;
        case PM1A_CONTROL -> {
          control = control & ~mask | bits & CONTROL_WRITABLE;
          isPowerOff = (bits & CONTROL_SLP_EN) != 0 && (control >> 10 & 7) == SLP_TYP_S5;
        }
        case GPE0_STATUS -> gpeStatus &= ~bits;
        case GPE0_ENABLE -> gpeEnable = gpeEnable & ~mask | bits;
        default -> {}
      }
      settle();
    }
    if (isPowerOff) {
      events.powerOff();
    }
  }

  @Override
  public String id() {
    return "acpi-pm";
  }

  @Override
  public void reset() {
    synchronized (lock) {
      alarm.cancel();
      seenHalfTurns = pmTimer.halfTurns();
      status = 0;
      enable = 0;
      control = CONTROL_SCI_EN;
      gpeStatus = 0;
      gpeEnable = 0;
      settle();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      section.put(status).put(enable).put(control).put(gpeStatus).put(gpeEnable);
      section.put(pmTimer.ticks()).put(seenHalfTurns).put(sciLevel);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      status = section.getInt() & STATUS_WRITABLE;
      enable = section.getInt() & ENABLE_WRITABLE;
      control = section.getInt() & CONTROL_WRITABLE;
      gpeStatus = section.getInt() & 0xffff;
      gpeEnable = section.getInt() & 0xffff;
      pmTimer.restore(section.getLong());
      seenHalfTurns = section.getLong();
      sciLevel = section.getBoolean();
      sci.restoreLevel(sciLevel);
      settle();
    }
  }
}
