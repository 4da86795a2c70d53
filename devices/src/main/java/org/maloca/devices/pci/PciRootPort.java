package org.maloca.devices.pci;

import org.maloca.core.irq.IrqLine;

/**
 * A PCI Express root port: a bridge (type 1 header) to a bus of its own with one slot (PCI Express
 * Base Specification 5.0, sections 7.5.1.3 and 6.6.1; PCI-to-PCI Bridge Architecture Specification
 * 1.2, section 3.2). The guest numbers the bus, and resets what is on it by the secondary bus
 * reset.
 *
 * <p>Its windows are registers only: a function behind it answers wherever its BARs say, as long as
 * the port's command register lets memory or ports through. Safe for any thread.
 */
public final class PciRootPort extends PciFunction {
  private static final Identity IDENTITY = new Identity(0x1b36, 0x000c, 0, 0x060400, 0, 0);
  private static final int TYPE_1 = 0x01;
  private static final int PRIMARY_BUS = 0x18;
  private static final int SECONDARY_BUS = 0x19;
  private static final int SUBORDINATE_BUS = 0x1a;
  private static final int IO_BASE = 0x1c;
  private static final int SECONDARY_STATUS = 0x1e;
  private static final int MEMORY_BASE = 0x20;
  private static final int PREFETCHABLE_BASE = 0x24;
  private static final int PREFETCHABLE_UPPER = 0x28;
  private static final int BRIDGE_CONTROL = 0x3e;
  private static final int BRIDGE_CONTROL_WRITABLE = 0x005f;
  private static final int SECONDARY_BUS_RESET = 0x40;
  private static final int EXPRESS_ROOT_PORT = 4;

  private final PciBus secondary;
  private volatile boolean isInReset;

  /**
   * Makes a port with nothing behind it.
   *
   * @param id unique in the machine
   * @param slot where the port itself is going to be plugged, for the interrupt pins behind it
   * @param root the bus that it is going to be plugged into
   */
  public PciRootPort(String id, int slot, PciBus root) {
    super(id, IDENTITY);
    config().define(HEADER_TYPE, 1, TYPE_1, 0);
    config().define(PRIMARY_BUS, 4, 0, 0x00ff_ffff);
    config().define(IO_BASE, 2, 0, 0xf0f0);
    config().defineClearable(SECONDARY_STATUS, 2, 0xf900);
    config().define(MEMORY_BASE, 4, 0, 0xfff0_fff0);
    // The low bits say that there are upper halves.
    config().define(PREFETCHABLE_BASE, 4, 0x0001_0001, 0xfff0_fff0);
    config().define(PREFETCHABLE_UPPER, 4, 0, -1);
    config().define(PREFETCHABLE_UPPER + 4, 4, 0, -1);
    config().define(SUBSYSTEM_VENDOR_ID, 4, 0, 0);
    config().define(BRIDGE_CONTROL, 2, 0, BRIDGE_CONTROL_WRITABLE);
    addExpress(new PciExpress(EXPRESS_ROOT_PORT));
    setInterruptPin(1);
    secondary = root.behindPort(slot);
    onWrite(BRIDGE_CONTROL, 2, this::bridgeControlWritten);
  }

  /** Plugs a function into the slot behind the port. */
  public void plugBehind(PciFunction function) {
    secondary.plug(0, 0, function);
  }

  /**
   * The bus behind the port if the guest gave it that number, or null; all bus numbers below 256.
   */
  @org.jspecify.annotations.Nullable
  PciBus route(int bus) {
    if (isInReset || bus == 0) {
      return null;
    }
    int number = config().read(SECONDARY_BUS, 1);
    return bus == number && bus <= config().read(SUBORDINATE_BUS, 1) ? secondary : null;
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
    isInReset = false;
  }

  /** The pins behind a port are rotated by the port's own slot, and share its wires. */
  static IrqLine wire(PciInterruptRouter interrupts, int portSlot, int slot, int pin) {
    return interrupts.pin(portSlot, (slot + pin - 1 & 3) + 1);
  }
}
