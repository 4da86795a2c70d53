package org.maloca.devices.pci;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.maloca.core.irq.IrqLine;

/**
 * A bus: 32 slots of 8 functions, and those behind its root ports. Where nothing is plugged
 * configuration reads are all ones and writes are lost. Safe for any thread; functions can be
 * plugged while the machine runs.
 */
public final class PciBus {
  public static final int SLOTS = 32;
  public static final int FUNCTIONS = 8;

  private static final int NO_PORT = -1;

  private final AtomicReferenceArray<@Nullable PciFunction> functions =
      new AtomicReferenceArray<>(SLOTS * FUNCTIONS);
  private final PciWindows windows;
  private final PciInterruptRouter interrupts;
  private final int portSlot;
  private final @Nullable PciGate gate;
  private final List<PciRootPort> ports = new CopyOnWriteArrayList<>();

  /** Makes bus 0. */
  public PciBus(PciWindows windows, PciInterruptRouter interrupts) {
    this(windows, interrupts, NO_PORT, null);
  }

  private PciBus(
      PciWindows windows, PciInterruptRouter interrupts, int portSlot, @Nullable PciGate gate) {
    this.windows = windows;
    this.interrupts = interrupts;
    this.portSlot = portSlot;
    this.gate = gate;
  }

  /** A bus behind a root port in a slot of this one. */
  PciBus behindPort(int slot, PciGate port) {
    return new PciBus(windows, interrupts, slot, port);
  }

  PciWindows windows() {
    return windows;
  }

  /**
   * Plugs in a function. Function 0 of a slot comes first.
   *
   * @throws IllegalArgumentException when the place does not exist, is taken, or lacks function 0
   */
  public void plug(int slot, int function, PciFunction plugged) {
    if (slot < 0 || slot >= SLOTS || function < 0 || function >= FUNCTIONS) {
      throw new IllegalArgumentException("no PCI place %d.%d".formatted(slot, function));
    }
    int place = slot * FUNCTIONS + function;
    PciFunction first = functions.get(slot * FUNCTIONS);
    if (functions.get(place) != null || function > 0 && first == null) {
      throw new IllegalArgumentException("PCI place %d.%d".formatted(slot, function));
    }
    if (first != null) {
      first.markMultifunction();
    }
    int pin = plugged.interruptPin();
    plugged.plug(windows, gate, pin == 0 ? IrqLine.NOT_CONNECTED : wire(slot, pin));
    functions.set(place, plugged);
    if (plugged instanceof PciRootPort port) {
      ports.add(port);
    }
  }

  /** Takes a function out; answers it, or null when there was none. */
  @Nullable PciFunction unplug(int slot, int function) {
    PciFunction taken = functions.getAndSet(slot * FUNCTIONS + function, null);
    if (taken != null) {
      taken.unplug();
    }
    return taken;
  }

  private IrqLine wire(int slot, int pin) {
    return portSlot == NO_PORT
        ? interrupts.pin(slot, pin)
        : PciRootPort.wire(interrupts, portSlot, slot, pin);
  }

  /** What is plugged at a place, or null. */
  public @Nullable PciFunction function(int slot, int function) {
    return functions.get(slot * FUNCTIONS + function);
  }

  /**
   * Reads a configuration register.
   *
   * @param address bus in bits 27..20, slot in 19..15, function in 14..12, register in 11..0, as in
   *     an ECAM offset
   */
  int read(int address, int size) {
    PciFunction target = target(address);
    return target == null ? -1 : target.readConfig(address & 0xfff, size);
  }

  /** Writes a configuration register; the address is as in {@link #read}. */
  void write(int address, int size, int value) {
    PciFunction target = target(address);
    if (target != null) {
      target.writeConfig(address & 0xfff, size, value);
    }
  }

  private @Nullable PciFunction target(int address) {
    int place = address >>> 12;
    if (place < SLOTS * FUNCTIONS) {
      return functions.get(place);
    }
    int number = address >>> 20;
    for (PciRootPort port : ports) {
      PciBus behind = port.route(number);
      if (behind != null) {
        return behind.functions.get(place & SLOTS * FUNCTIONS - 1);
      }
    }
    return null;
  }
}
