package org.maloca.devices.rtc;

import java.time.Instant;
import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.Frequency;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.isa.ByteLanes;

/**
 * The real-time clock of a PC/AT with 128 bytes of CMOS memory at ports 0x70-0x71 (Motorola
 * MC146818 data sheet; century in byte 0x32). It shows the machine's wall clock plus an offset that
 * the guest makes by setting the time.
 *
 * <p>Flags are computed when somebody looks; the timer runs only for interrupts that are enabled
 * and not pending yet. CMOS memory and time have a battery: they survive a reset. Safe for any
 * thread.
 */
public final class Mc146818Rtc implements Device {
  public static final int PORT = 0x70;
  public static final int CMOS_BYTES = 128;
  public static final int REGISTER_CENTURY = RtcTime.CENTURY;

  private static final int SECTION_VERSION = 1;

  private static final int REGISTER_A = 0x0a;
  private static final int REGISTER_B = 0x0b;
  private static final int REGISTER_C = 0x0c;
  private static final int REGISTER_D = 0x0d;
  private static final int A_UIP = 0x80;
  private static final int A_DIVIDER_RESET = 0x60;
  private static final int A_32768_HZ_1024_HZ = 0x26;
  private static final int B_SET = 0x80;
  private static final int B_UIE = 0x10;
  private static final int B_SQWE = 0x08;
  private static final int B_24_HOURS = 0x02;
  private static final int C_IRQF = 0x80;
  private static final int PERIODIC = 0x40;
  private static final int ALARM = 0x20;
  private static final int UPDATE = 0x10;
  private static final int INTERRUPTS = PERIODIC | ALARM | UPDATE;
  private static final int D_VRT = 0x80;
  private static final int ALARM_ANY = 0xc0;
  private static final int NMI_MASK = 0x80;

  private static final Frequency CRYSTAL = new Frequency(32_768);
  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final int UIP_LEAD_NANOS = 244_000;
  private static final int SECONDS_PER_DAY = 86_400;

  private final VirtualClock clock;
  private final IrqLine irq;
  private final Runnable wake;
  private final VirtualClock.Timer timer;
  private final Object lock = new Object();
  private final byte[] cmos = new byte[CMOS_BYTES];
  private int index;
  private boolean isNmiMasked;
  private int flags;
  private boolean irqLevel;
  private boolean isAlarmGiven;

  /** Guest's time less the wall clock. */
  private long offsetSeconds;

  private int offsetNanos;

  /** How far updates and periodic ticks have been turned into flags. */
  private long seenSeconds;

  private long seenTick;

  /**
   * Makes a clock that shows the wall clock.
   *
   * @param irq8 its interrupt
   * @param wake called when the alarm's interrupt begins, for what wakes the machine by it; under
   *     the chip's lock
   */
  public Mc146818Rtc(VirtualClock clock, IrqLine irq8, Runnable wake) {
    this.clock = clock;
    this.irq = irq8;
    this.wake = wake;
    this.timer = clock.newTimer(this::timerAlarmed);
    cmos[REGISTER_A] = A_32768_HZ_1024_HZ;
    cmos[REGISTER_B] = B_24_HOURS;
    seenSeconds = guestSeconds(clock.wallClock());
  }

  /** Registers ports 0x70 and 0x71. */
  public void register(PortBus ports) {
    ports.register(PORT, 2, new ByteLanes(2, this::read, this::write));
  }

  /** Presets a byte of CMOS memory, as firmware's set-up would; 0x0e..0x7f. */
  public void setCmos(int address, int value) {
    synchronized (lock) {
      cmos[address] = (byte) value;
    }
  }

  /** A byte of CMOS memory as it stands. */
  public int cmos(int address) {
    synchronized (lock) {
      return cmos[address] & 0xff;
    }
  }

  /** Whether bit 7 of port 0x70 keeps the chip set's NMI from the CPU. */
  public boolean isNmiMasked() {
    synchronized (lock) {
      return isNmiMasked;
    }
  }

  private int registerB() {
    return cmos[REGISTER_B];
  }

  private boolean isDividerReset() {
    return (cmos[REGISTER_A] & A_DIVIDER_RESET) == A_DIVIDER_RESET;
  }

  /** Whether the time registers stand still. */
  private boolean isHalted() {
    return (registerB() & B_SET) != 0 || isDividerReset();
  }

  private long guestSeconds(Instant wall) {
    int carry = wall.getNano() + offsetNanos >= NANOS_PER_SECOND ? 1 : 0;
    return wall.getEpochSecond() + offsetSeconds + carry;
  }

  /** Nanoseconds since the guest's last full second. */
  private int guestFraction(Instant wall) {
    return (wall.getNano() + offsetNanos) % NANOS_PER_SECOND;
  }

  private int read(int port) {
    synchronized (lock) {
      return port == 0 ? 0xff : readRegister();
    }
  }

  private int readRegister() {
    if (RtcTime.isTimeRegister(index)) {
      refresh();
      return cmos[index];
    }
    return switch (index) {
      case REGISTER_A -> cmos[REGISTER_A] & ~A_UIP | (isUpdating() ? A_UIP : 0);
      case REGISTER_C -> takeFlags();
      case REGISTER_D -> D_VRT;
      default -> cmos[index];
    };
  }

  private void refresh() {
    if (!isHalted()) {
      RtcTime.encode(guestSeconds(clock.wallClock()), cmos, registerB());
    }
  }

  private boolean isUpdating() {
    return !isHalted() && guestFraction(clock.wallClock()) >= NANOS_PER_SECOND - UIP_LEAD_NANOS;
  }

  private int takeFlags() {
    settle();
    int taken = flags | (irqLevel ? C_IRQF : 0);
    flags = 0;
    settle();
    return taken;
  }

  private void write(int port, int value) {
    synchronized (lock) {
      if (port == 0) {
        index = value & CMOS_BYTES - 1;
        isNmiMasked = (value & NMI_MASK) != 0;
      } else {
        writeRegister(value);
      }
    }
  }

  private void writeRegister(int value) {
    if (RtcTime.isTimeRegister(index)) {
      writeTime(value);
      return;
    }
    switch (index) {
      case REGISTER_A -> writeControl(value & ~A_UIP, registerB());
      case REGISTER_B -> {
        int enables = (value & B_SET) != 0 ? value & ~B_UIE : value;
        writeControl(cmos[REGISTER_A] & 0xff, enables);
      }
      case REGISTER_C, REGISTER_D -> {} // Read-only.
      default -> {
        settle();
        cmos[index] = (byte) value;
        settle();
      }
    }
  }

  private void writeTime(int value) {
    settle();
    refresh();
    cmos[index] = (byte) value;
    if (!isHalted()) {
      adoptTime(guestFraction(clock.wallClock()));
    }
    settle();
  }

  /** Registers A and B, which start and stop the clock between them. */
  private void writeControl(int newA, int newB) {
    settle();
    refresh();
    boolean wasHalted = isHalted();
    boolean wasDividerReset = isDividerReset();
    cmos[REGISTER_A] = (byte) newA;
    cmos[REGISTER_B] = (byte) newB;
    if (wasDividerReset && !isDividerReset()) {
      // The first update comes half a second after the divider is released.
      moveFraction(NANOS_PER_SECOND / 2);
    }
    if (wasHalted && !isHalted()) {
      adoptTime(guestFraction(clock.wallClock()));
    }
    settle();
  }

  private void moveFraction(int fraction) {
    offsetNanos = Math.floorMod(fraction - clock.wallClock().getNano(), NANOS_PER_SECOND);
  }

  /** Makes the offset so that the time registers are right now. */
  private void adoptTime(int fraction) {
    Instant wall = clock.wallClock();
    offsetNanos = Math.floorMod(fraction - wall.getNano(), NANOS_PER_SECOND);
    long wanted = RtcTime.decode(cmos, registerB());
    offsetSeconds += wanted - guestSeconds(wall);
    seenSeconds = wanted;
  }

  private void timerAlarmed() {
    synchronized (lock) {
      settle();
    }
  }

  /** Brings flags, interrupt and timer up to date. */
  private void settle() {
    Instant wall = clock.wallClock();
    long nanos = clock.nanos();
    noteUpdates(wall);
    notePeriods(nanos);
    boolean level = (flags & registerB() & INTERRUPTS) != 0;
    if (level != irqLevel) {
      irqLevel = level;
      irq.set(level);
    }
    boolean isAlarm = (flags & registerB() & ALARM) != 0;
    if (isAlarm && !isAlarmGiven) {
      wake.run();
    }
    isAlarmGiven = isAlarm;
    arm(wall, nanos);
  }

  private void noteUpdates(Instant wall) {
    long now = guestSeconds(wall);
    if (isHalted() || now <= seenSeconds) {
      // The host's clock may have been set back.
      seenSeconds = isHalted() ? now : Math.min(now, seenSeconds);
      return;
    }
    flags |= UPDATE;
    if ((flags & ALARM) == 0 && isAlarmWithin(Math.max(seenSeconds, now - SECONDS_PER_DAY), now)) {
      flags |= ALARM;
    }
    seenSeconds = now;
  }

  /** Whether a second after {@code from} up to {@code to} matches the alarm. */
  private boolean isAlarmWithin(long from, long to) {
    int second = alarmValue(RtcTime.SECONDS_ALARM);
    int minute = alarmValue(RtcTime.MINUTES_ALARM);
    byte hourRegister = cmos[RtcTime.HOURS_ALARM];
    boolean isAnyHour = (hourRegister & ALARM_ANY) == ALARM_ANY;
    int hour = isAnyHour ? -1 : RtcTime.hour(hourRegister, registerB());
    for (long time = from + 1; time <= to; time++) {
      int ofDay = (int) Math.floorMod(time, (long) SECONDS_PER_DAY);
      if ((second < 0 || ofDay % 60 == second)
          && (minute < 0 || ofDay / 60 % 60 == minute)
          && (hour < 0 || ofDay / 3600 == hour)) {
        return true;
      }
    }
    return false;
  }

  /** A second or minute of the alarm, or -1 for any. */
  private int alarmValue(int register) {
    boolean isAny = (cmos[register] & ALARM_ANY) == ALARM_ANY;
    return isAny ? -1 : RtcTime.value(cmos[register], registerB());
  }

  private int periodTicks() {
    int rate = cmos[REGISTER_A] & 0xf;
    if (rate == 0 || isDividerReset()) {
      return 0;
    }
    return rate <= 2 ? 1 << rate + 6 : 1 << rate - 1;
  }

  private void notePeriods(long nanos) {
    long tick = CRYSTAL.ticksAt(nanos);
    int period = periodTicks();
    if (period != 0 && tick / period != seenTick / period) {
      flags |= PERIODIC;
    }
    seenTick = tick;
  }

  private void arm(Instant wall, long nanos) {
    int awaited = registerB() & ~flags;
    long deadline = Long.MAX_VALUE;
    int period = periodTicks();
    if ((awaited & PERIODIC) != 0 && period != 0) {
      deadline = CRYSTAL.nanosAt((seenTick / period + 1) * period);
    }
    if ((awaited & (ALARM | UPDATE)) != 0 && !isHalted()) {
      deadline = Math.min(deadline, nanos + NANOS_PER_SECOND - guestFraction(wall));
    }
    if (deadline != Long.MAX_VALUE) {
      timer.arm(deadline);
    } else {
      timer.cancel();
    }
  }

  @Override
  public String id() {
    return "rtc";
  }

  @Override
  public void reset() {
    synchronized (lock) {
      index = 0;
      isNmiMasked = false;
      cmos[REGISTER_B] &= (byte) ~(INTERRUPTS | B_SQWE);
      settle();
      flags = 0;
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      settle();
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      section.put(cmos).put(index).put(isNmiMasked).put(flags).put(irqLevel);
      section.put(offsetSeconds).put(offsetNanos);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      byte[] saved = section.getBytes(CMOS_BYTES);
      System.arraycopy(saved, 0, cmos, 0, saved.length);
      index = section.getInt() & CMOS_BYTES - 1;
      isNmiMasked = section.getBoolean();
      flags = section.getInt() & INTERRUPTS;
      irqLevel = section.getBoolean();
      offsetSeconds = section.getLong();
      offsetNanos = Math.floorMod(section.getInt(), NANOS_PER_SECOND);
      seenSeconds = guestSeconds(clock.wallClock());
      seenTick = CRYSTAL.ticksAt(clock.nanos());
      irq.restoreLevel(irqLevel);
      isAlarmGiven = (flags & registerB() & ALARM) != 0;
      settle();
    }
  }
}
