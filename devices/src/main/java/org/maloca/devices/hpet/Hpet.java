package org.maloca.devices.hpet;

import java.util.function.IntFunction;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.irq.MsiSink;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.core.time.VirtualClock;

/**
 * A high precision event timer block: a 64-bit counter at 100 MHz and three timers, each periodic
 * or one-shot, by I/O APIC input or by message (IA-PC HPET specification 1.0a).
 *
 * <p>The lines of the 8254 and of the RTC lead through it ({@link #pitInput}, {@link #rtcInput}),
 * because legacy replacement takes IRQ 0 and IRQ 8 away from them. Safe for any thread; lines are
 * driven under the lock, which comes after those of the PIT and RTC and before the controllers'.
 */
public final class Hpet implements Device, IoHandler {
  public static final long GPA = 0xfed0_0000L;
  public static final int BYTES = 0x400;
  public static final int TIMERS = 3;

  /** Femtoseconds a tick, for the ACPI table's reader and the capability register. */
  public static final long CLOCK_PERIOD_FEMTOS = 10_000_000;

  /** The I/O APIC inputs that timers can be routed to: 20 to 23. */
  public static final int ROUTE_MASK = 0x00f0_0000;

  private static final int SECTION_VERSION = 1;
  private static final int NANOS_PER_TICK = 10;

  private static final int GENERAL_CAPABILITIES = 0x000;
  private static final int GENERAL_CONFIGURATION = 0x010;
  private static final int GENERAL_INTERRUPT_STATUS = 0x020;
  private static final int MAIN_COUNTER = 0x0f0;
  private static final int TIMER_0 = 0x100;
  private static final int TIMER_BYTES = 0x20;
  private static final int TIMER_CONFIGURATION = 0x00;
  private static final int TIMER_COMPARATOR = 0x08;
  private static final int TIMER_FSB_ROUTE = 0x10;

  /** Revision 1, 64-bit counter, legacy replacement, vendor 0x8086; also what ACPI's table says. */
  public static final int EVENT_TIMER_BLOCK_ID = 0x8086_a001 | TIMERS - 1 << 8;

  private static final int ENABLE = 1;
  private static final int LEGACY_REPLACEMENT = 2;

  private final VirtualClock clock;
  private final IntFunction<IrqLine> ioApicInput;
  private final MsiSink messages;
  private final LegacyLine irq0;
  private final LegacyLine irq8;
  private final Object lock = new Object();
  private final HpetTimer[] timers = new HpetTimer[TIMERS];
  private final VirtualClock.Timer[] alarms = new VirtualClock.Timer[TIMERS];
  private final IrqLine[] driven = new IrqLine[TIMERS];
  private int configuration;
  private int status;

  /** The counter's value when it stands, else what to add to the clock's ticks. */
  private long counterBase;

  /**
   * Makes the block.
   *
   * @param ioApicInput gives the wires to I/O APIC inputs, the same each time; asked for those in
   *     {@link #ROUTE_MASK}
   * @param isaIrq0 the ISA line that timer 0 or the 8254 drives
   * @param isaIrq8 the ISA line that timer 1 or the RTC drives
   */
  public Hpet(
      VirtualClock clock,
      IntFunction<IrqLine> ioApicInput,
      IrqLine isaIrq0,
      IrqLine isaIrq8,
      MsiSink messages) {
    this.clock = clock;
    this.ioApicInput = ioApicInput;
    this.messages = messages;
    this.irq0 = new LegacyLine(isaIrq0);
    this.irq8 = new LegacyLine(isaIrq8);
    for (int i = 0; i < TIMERS; i++) {
      int index = i;
      timers[i] = new HpetTimer(ROUTE_MASK);
      timers[i].reset();
      alarms[i] = clock.newTimer(() -> alarmed(index));
      driven[i] = IrqLine.NOT_CONNECTED;
    }
  }

  /** Where the 8254's counter 0 leads. */
  public IrqLine pitInput() {
    return irq0;
  }

  /** Where the RTC's interrupt leads. */
  public IrqLine rtcInput() {
    return irq8;
  }

  private boolean isEnabled() {
    return (configuration & ENABLE) != 0;
  }

  private boolean isLegacy() {
    return (configuration & LEGACY_REPLACEMENT) != 0;
  }

  private long nowTick() {
    return clock.nanos() / NANOS_PER_TICK;
  }

  private long counter(long nowTick) {
    return isEnabled() ? counterBase + nowTick : counterBase;
  }

  @Override
  public long read(int offset, int size) {
    long value;
    synchronized (lock) {
      value = readRegister(offset & ~7);
    }
    return value >>> 8 * (offset & 7);
  }

  private long readRegister(int register) {
    return switch (register) {
      case GENERAL_CAPABILITIES ->
          CLOCK_PERIOD_FEMTOS << 32 | Integer.toUnsignedLong(EVENT_TIMER_BLOCK_ID);
      case GENERAL_CONFIGURATION -> configuration;
      case GENERAL_INTERRUPT_STATUS -> status;
      case MAIN_COUNTER -> counter(nowTick());
      default -> readTimer(register);
    };
  }

  private long readTimer(int register) {
    int index = (register - TIMER_0) / TIMER_BYTES;
    if (register < TIMER_0 || index >= TIMERS) {
      return 0;
    }
    HpetTimer timer = timers[index];
    return switch (register % TIMER_BYTES) {
      case TIMER_CONFIGURATION -> timer.configuration();
      case TIMER_COMPARATOR -> timer.comparator();
      case TIMER_FSB_ROUTE -> timer.fsbRoute();
      default -> 0;
    };
  }

  @Override
  public void write(int offset, int size, long value) {
    if (size < 4 || (offset & size - 1) != 0) {
      return;
    }
    int shift = 8 * (offset & 7);
    long mask = (size == 8 ? -1L : 0xffff_ffffL) << shift;
    synchronized (lock) {
      writeRegister(offset & ~7, value << shift, mask);
    }
  }

  private void writeRegister(int register, long value, long mask) {
    switch (register) {
      case GENERAL_CONFIGURATION -> {
        if ((mask & 1) != 0) {
          configure((int) value & (ENABLE | LEGACY_REPLACEMENT));
        }
      }
      case GENERAL_INTERRUPT_STATUS -> {
        status &= (int) ~(value & mask);
        driveAll();
      }
      case MAIN_COUNTER -> {
        long now = nowTick();
        long counter = counter(now) & ~mask | value & mask;
        counterBase = isEnabled() ? counter - now : counter;
        scheduleAll(now);
      }
      default -> writeTimer(register, value, mask);
    }
  }

  private void configure(int value) {
    long now = nowTick();
    long counter = counter(now);
    boolean wasLegacy = isLegacy();
    configuration = value;
    counterBase = isEnabled() ? counter - now : counter;
    scheduleAll(now);
    // Whoever loses a line lets go of it before the other drives it.
    if (isLegacy() && !wasLegacy) {
      settleLegacyLines();
    }
    driveAll();
    if (!isLegacy() && wasLegacy) {
      settleLegacyLines();
    }
  }

  private void settleLegacyLines() {
    irq0.settle();
    irq8.settle();
  }

  private void writeTimer(int register, long value, long mask) {
    int index = (register - TIMER_0) / TIMER_BYTES;
    if (register < TIMER_0 || index >= TIMERS) {
      return;
    }
    HpetTimer timer = timers[index];
    switch (register % TIMER_BYTES) {
      case TIMER_CONFIGURATION -> {
        if (timer.configure(timer.configuration() & ~mask | value & mask)) {
          schedule(index, nowTick());
        }
        if (!timer.isLevel()) {
          status &= ~(1 << index);
        }
        drive(index);
      }
      case TIMER_COMPARATOR -> {
        timer.writeComparator(value, mask);
        schedule(index, nowTick());
      }
      case TIMER_FSB_ROUTE -> timer.writeFsbRoute(value, mask);
      default -> {}
    }
  }

  private void scheduleAll(long nowTick) {
    for (int i = 0; i < TIMERS; i++) {
      schedule(i, nowTick);
    }
  }

  private void schedule(int index, long nowTick) {
    if (isEnabled()) {
      timers[index].schedule(nowTick, counter(nowTick));
    } else {
      timers[index].stop();
    }
    arm(index);
  }

  private void arm(int index) {
    long due = timers[index].dueTick();
    if (due == HpetTimer.NEVER) {
      alarms[index].cancel();
    } else {
      alarms[index].arm(due * NANOS_PER_TICK);
    }
  }

  private void alarmed(int index) {
    synchronized (lock) {
      HpetTimer timer = timers[index];
      long now = nowTick();
      if (timer.dueTick() <= now) {
        timer.matched(now, counter(now));
        signal(index);
      }
      arm(index);
    }
  }

  private void signal(int index) {
    HpetTimer timer = timers[index];
    if (timer.isLevel()) {
      status |= 1 << index;
      drive(index);
    } else if (timer.isInterruptEnabled()) {
      if (timer.isMessage()) {
        messages.send(timer.fsbRoute() >>> 32, (int) timer.fsbRoute());
      } else {
        line(index).pulse();
      }
    }
  }

  private IrqLine line(int index) {
    if (isLegacy() && index == 0) {
      return irq0.output;
    }
    if (isLegacy() && index == 1) {
      return irq8.output;
    }
    HpetTimer timer = timers[index];
    return timer.isRoutable() ? ioApicInput.apply(timer.route()) : IrqLine.NOT_CONNECTED;
  }

  private void driveAll() {
    for (int i = 0; i < TIMERS; i++) {
      drive(i);
    }
  }

  /** Brings the wire of a level-triggered timer in line, and lets go of one that it left. */
  private void drive(int index) {
    HpetTimer timer = timers[index];
    boolean level = (status >> index & 1) != 0 && timer.isInterruptEnabled() && !timer.isMessage();
    IrqLine wanted = level ? line(index) : IrqLine.NOT_CONNECTED;
    if (wanted != driven[index]) {
      driven[index].set(false);
      driven[index] = wanted;
      wanted.set(true);
    }
  }

  @Override
  public String id() {
    return "hpet";
  }

  @Override
  public void reset() {
    synchronized (lock) {
      status = 0;
      counterBase = 0;
      configuration = 0;
      for (int i = 0; i < TIMERS; i++) {
        timers[i].reset();
        alarms[i].cancel();
        drive(i);
      }
      settleLegacyLines();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    synchronized (lock) {
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      section.put(configuration).put(status).put(counter(nowTick()));
      section.put(irq0.input).put(irq8.input);
      for (HpetTimer timer : timers) {
        timer.save(section);
      }
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    synchronized (lock) {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      configuration = section.getInt() & (ENABLE | LEGACY_REPLACEMENT);
      status = section.getInt() & (1 << TIMERS) - 1;
      long counter = section.getLong();
      long now = nowTick();
      counterBase = isEnabled() ? counter - now : counter;
      irq0.input = section.getBoolean();
      irq8.input = section.getBoolean();
      for (int i = 0; i < TIMERS; i++) {
        timers[i].restore(section);
        restoreLine(i);
      }
      scheduleAll(now);
      irq0.restore();
      irq8.restore();
    }
  }

  private void restoreLine(int index) {
    HpetTimer timer = timers[index];
    boolean level = (status >> index & 1) != 0 && timer.isInterruptEnabled() && !timer.isMessage();
    driven[index] = level ? line(index) : IrqLine.NOT_CONNECTED;
    driven[index].restoreLevel(true);
  }

  /** An ISA line that legacy replacement takes from its device. */
  private final class LegacyLine implements IrqLine {
    private final IrqLine output;
    private boolean input;

    LegacyLine(IrqLine output) {
      this.output = output;
    }

    @Override
    public void set(boolean level) {
      synchronized (lock) {
        input = level;
        if (!isLegacy()) {
          output.set(level);
        }
      }
    }

    @Override
    public void restoreLevel(boolean level) {
      synchronized (lock) {
        input = level;
        restore();
      }
    }

    private void restore() {
      if (!isLegacy()) {
        output.restoreLevel(input);
      }
    }

    private void settle() {
      output.set(!isLegacy() && input);
    }
  }
}
