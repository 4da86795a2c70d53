package org.maloca.devices.pci;

import org.maloca.core.irq.MsiSink;

/**
 * MSI: up to 32 messages whose address and data are in configuration space, with 64-bit addresses
 * and a mask for each message (PCI Local Bus Specification 3.0, section 6.8.1). Safe for any
 * thread.
 */
public final class PciMsi {
  public static final int CAPABILITY_ID = 0x05;

  /** Size of the capability in bytes. */
  static final int BYTES = 24;

  private static final int CONTROL = 2;
  private static final int ADDRESS = 4;
  private static final int DATA = 12;
  private static final int MASK = 16;
  private static final int PENDING = 20;

  private static final int CONTROL_ENABLE = 0x0001;
  private static final int CONTROL_GRANTED = 0x0070;
  private static final int CONTROL_WIDE_AND_MASKABLE = 0x0180;

  private final MsiSink sink;
  private final int vectors;
  private boolean isEnabled;
  private int granted = 1;
  private long address;
  private int data;
  private int mask;
  private int pending;

  /**
   * Makes a capability.
   *
   * @param vectors messages that are asked for: a power of two up to 32
   */
  public PciMsi(int vectors, MsiSink sink) {
    if (vectors < 1 || vectors > 32 || Integer.bitCount(vectors) != 1) {
      throw new IllegalArgumentException(vectors + " MSI vectors");
    }
    this.vectors = vectors;
    this.sink = sink;
  }

  /** Adds the capability to a function; answers its offset. */
  int addTo(PciFunction function) {
    byte[] body = new byte[BYTES - 2];
    byte[] writable = new byte[BYTES - 2];
    int control = CONTROL_WIDE_AND_MASKABLE | Integer.numberOfTrailingZeros(vectors) << 1;
    body[0] = (byte) control;
    body[1] = (byte) (control >> 8);
    writable[0] = CONTROL_ENABLE | CONTROL_GRANTED;
    int all = vectors == 32 ? -1 : (1 << vectors) - 1;
    for (int i = 0; i < 4; i++) {
      writable[ADDRESS - 2 + i] = (byte) (i == 0 ? 0xfc : 0xff);
      writable[ADDRESS + 2 + i] = (byte) 0xff;
      writable[MASK - 2 + i] = (byte) (all >>> 8 * i);
    }
    writable[DATA - 2] = (byte) 0xff;
    writable[DATA - 1] = (byte) 0xff;
    return function.addCapability(CAPABILITY_ID, body, writable);
  }

  /** Whether messages take the place of the interrupt pin. */
  public synchronized boolean isEnabled() {
    return isEnabled;
  }

  /**
   * Sends a message, or remembers it while it is masked. When the guest has granted fewer than were
   * asked for, several vectors share one.
   */
  public synchronized void send(int vector) {
    if (isEnabled) {
      pending |= 1 << (vector & granted - 1);
      deliver();
    }
  }

  private void deliver() {
    int ready = isEnabled ? pending & ~mask : 0;
    pending &= ~ready;
    for (int vector = 0; ready >>> vector != 0 && vector < vectors; vector++) {
      if ((ready >>> vector & 1) != 0) {
        sink.send(address, data & -granted | vector);
      }
    }
  }

  /** The guest wrote to the capability. */
  synchronized void written(PciConfigSpace config, int capability) {
    int control = config.read(capability + CONTROL, 2);
    isEnabled = (control & CONTROL_ENABLE) != 0;
    granted = Math.min(1 << ((control & CONTROL_GRANTED) >> 4), vectors);
    address =
        config.read(capability + ADDRESS, 4) & 0xffff_ffffL
            | (long) config.read(capability + ADDRESS + 4, 4) << 32;
    data = config.read(capability + DATA, 2);
    mask = config.read(capability + MASK, 4);
    deliver();
  }

  /** Brings the pending bits into the registers. */
  synchronized void showPending(PciConfigSpace config, int capability) {
    config.set(capability + PENDING, 4, pending);
  }

  /** Takes everything from the registers of a snapshot. */
  synchronized void restore(PciConfigSpace config, int capability) {
    pending = config.read(capability + PENDING, 4);
    written(config, capability);
  }

  /** Power-on state: off, and nothing pending. */
  synchronized void reset(PciConfigSpace config, int capability) {
    pending = 0;
    written(config, capability);
  }
}
