package org.maloca.devices.pci;

import org.jspecify.annotations.Nullable;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.irq.MsiSink;

/**
 * A PCI Express root port: a bridge (type 1 header) to a bus of its own with one slot (PCI Express
 * Base Specification 5.0, sections 7.5.1.3 and 6.6.1; PCI-to-PCI Bridge Architecture Specification
 * 1.2, section 3.2). The guest numbers the bus, opens windows to it, and resets what is on it by
 * the secondary bus reset. A function behind the port answers where its BARs and the windows agree.
 *
 * <p>The slot is hot-pluggable: news of it come by MSI, or by the pin of a guest without. Safe for
 * any thread.
 */
public final class PciRootPort extends PciFunction implements PciGate {
  static final int PRIMARY_BUS = 0x18;
  static final int SECONDARY_BUS = 0x19;
  static final int SUBORDINATE_BUS = 0x1a;
  static final int IO_BASE = 0x1c;
  static final int MEMORY_BASE = 0x20;
  static final int PREFETCHABLE_BASE = 0x24;
  static final int PREFETCHABLE_BASE_UPPER = 0x28;
  static final int PREFETCHABLE_LIMIT_UPPER = 0x2c;

  private static final Identity IDENTITY = new Identity(0x1b36, 0x000c, 0, 0x060400, 0, 0);
  private static final int TYPE_1 = 0x01;
  private static final int SECONDARY_STATUS = 0x1e;
  private static final int BRIDGE_CONTROL = 0x3e;
  private static final int BRIDGE_CONTROL_WRITABLE = 0x005f;
  private static final int SECONDARY_BUS_RESET = 0x40;
  private static final int EXPRESS_ROOT_PORT = 4;
  private static final int WINDOWS_END = 0x30;

  private final PciBus secondary;
  private final PciWindows windows;
  private final PciMsi msi;
  private final PcieSlot slot;
  private volatile boolean isInReset;
  private volatile Ranges ranges = Ranges.CLOSED;
  private boolean isInterrupting;

  /** What the bridge lets through; ends are the last addresses. */
  private record Ranges(
      long ioStart,
      long ioEnd,
      long memoryStart,
      long memoryEnd,
      long prefetchableStart,
      long prefetchableEnd) {
    static final Ranges CLOSED = new Ranges(1, 0, 1, 0, 1, 0);
  }

  /**
   * Makes a port with nothing behind it.
   *
   * @param id unique in the machine
   * @param ownSlot where the port itself is going to be plugged, for the interrupt pins behind it;
   *     also the number of its slot
   * @param root the bus that it is going to be plugged into
   * @param messages takes its interrupt messages
   */
  @SuppressWarnings("this-escape")
  public PciRootPort(String id, int ownSlot, PciBus root, MsiSink messages) {
    super(id, IDENTITY);
    config().define(HEADER_TYPE, 1, TYPE_1, 0);
    config().define(PRIMARY_BUS, 4, 0, 0x00ff_ffff);
    config().define(IO_BASE, 2, 0, 0xf0f0);
    config().defineClearable(SECONDARY_STATUS, 2, 0xf900);
    config().define(MEMORY_BASE, 4, 0, 0xfff0_fff0);
    // The low bits say that there are upper halves.
    config().define(PREFETCHABLE_BASE, 4, 0x0001_0001, 0xfff0_fff0);
    config().define(PREFETCHABLE_BASE_UPPER, 4, 0, -1);
    config().define(PREFETCHABLE_LIMIT_UPPER, 4, 0, -1);
    config().define(BRIDGE_CONTROL, 2, 0, BRIDGE_CONTROL_WRITABLE);
    slot = new PcieSlot(config(), addExpress(new PciExpress(EXPRESS_ROOT_PORT)), ownSlot);
    msi = new PciMsi(1, messages);
    addMsi(msi);
    setInterruptPin(1);
    windows = root.windows();
    secondary = root.behindPort(ownSlot, this);
    onWrite(BRIDGE_CONTROL, 2, this::bridgeControlWritten);
    onWrite(slot.controlOffset(), 4, this::slotChanged);
  }

  /** The bus behind the port. */
  PciBus secondary() {
    return secondary;
  }

  /**
   * Plugs a function into the slot behind the port, while the machine is built or runs.
   *
   * @throws IllegalArgumentException when there is one already
   */
  public void plugBehind(PciFunction function) {
    secondary.plug(0, 0, function);
    presenceChanged();
  }

  /** Takes out what is behind the port, and answers it; whoever takes it closes it. */
  public @Nullable PciFunction unplugBehind() {
    PciFunction taken = secondary.unplug(0, 0);
    presenceChanged();
    return taken;
  }

  private void presenceChanged() {
    change(() -> {
      slot.setPresent(secondary.function(0, 0) != null);
      slot.noteChange();
      slotChanged();
    });
  }

  /** Interrupts when there come to be news; under the lock. */
  private void slotChanged() {
    boolean wanted = slot.wantsInterrupt();
    boolean isNew = wanted && !isInterrupting;
    isInterrupting = wanted;
    if (isNew && isBusMaster()) {
      msi.send(0);
    }
    setIntx(wanted && !msi.isEnabled());
  }

  /**
   * The bus behind the port if the guest gave it that number, or null; all bus numbers below 256.
   */
  @Nullable PciBus route(int bus) {
    if (isInReset || bus == 0) {
      return null;
    }
    int number = config().read(SECONDARY_BUS, 1);
    return bus == number && bus <= config().read(SUBORDINATE_BUS, 1) ? secondary : null;
  }

  @Override
  public boolean passes(PciBar bar, long address) {
    Ranges open = ranges;
    long end = address + bar.size() - 1;
    return bar.kind().isPorts()
        ? address >= open.ioStart && end <= open.ioEnd
        : address >= open.memoryStart && end <= open.memoryEnd
            || address >= open.prefetchableStart && end <= open.prefetchableEnd;
  }

  @Override
  protected void configWritten(int offset, int size) {
    if (offset < WINDOWS_END && offset + size > COMMAND) {
      windowsMoved();
    }
  }

  private void windowsMoved() {
    Ranges now = readRanges();
    if (!now.equals(ranges)) {
      ranges = now;
      windows.settle();
    }
  }

  private Ranges readRanges() {
    int command = config().read(COMMAND, 2);
    Ranges closed = Ranges.CLOSED;
    boolean passesPorts = (command & COMMAND_PORTS) != 0;
    boolean passesMemory = (command & COMMAND_MEMORY) != 0;
    return new Ranges(
        passesPorts ? (long) (config().read(IO_BASE, 1) & 0xf0) << 8 : closed.ioStart,
        passesPorts ? (long) config().read(IO_BASE + 1, 1) << 8 | 0xfff : closed.ioEnd,
        passesMemory ? memory(MEMORY_BASE) : closed.memoryStart,
        passesMemory ? memory(MEMORY_BASE + 2) | 0xf_ffff : closed.memoryEnd,
        passesMemory
            ? memory(PREFETCHABLE_BASE) | upper(PREFETCHABLE_BASE_UPPER)
            : closed.prefetchableStart,
        passesMemory
            ? memory(PREFETCHABLE_BASE + 2) | upper(PREFETCHABLE_LIMIT_UPPER) | 0xf_ffff
            : closed.prefetchableEnd);
  }

  private long memory(int register) {
    return (long) (config().read(register, 2) & 0xfff0) << 16;
  }

  private long upper(int register) {
    return (long) config().read(register, 4) << 32;
  }

  private void bridgeControlWritten() {
    boolean asksForReset = (config().read(BRIDGE_CONTROL, 2) & SECONDARY_BUS_RESET) != 0;
    if (asksForReset && !isInReset) {
      PciFunction behind = secondary.function(0, 0);
      if (behind != null) {
        behind.reset();
      }
    }
    isInReset = asksForReset;
  }

  @Override
  public void reset() {
    super.reset();
    change(() -> {
      isInReset = false;
      isInterrupting = false;
      slot.setPresent(secondary.function(0, 0) != null);
      windowsMoved();
    });
  }

  @Override
  public void restore(org.maloca.core.snapshot.SnapshotReader reader) {
    super.restore(reader);
    change(() -> isInterrupting = slot.wantsInterrupt());
  }

  /** The pins behind a port are rotated by the port's own slot, and share its wires. */
  static IrqLine wire(PciInterruptRouter interrupts, int portSlot, int slot, int pin) {
    return interrupts.pin(portSlot, pinOfPort(slot, pin));
  }

  /** The pin of the port, 1 to 4, by which a pin of a slot behind it goes on. */
  static int pinOfPort(int slot, int pin) {
    return (slot + pin - 1 & 3) + 1;
  }
}
