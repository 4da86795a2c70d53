package org.maloca.devices.virtio;

/** The way from a device to its driver: how interrupts get there. Safe for any thread. */
interface VirtioTransport {
  /** No interrupt message is assigned. */
  int NO_VECTOR = 0xffff;

  /** A queue has news; {@code vector} is what the driver assigned to it. */
  void interruptQueue(int vector);

  /** The configuration has changed, or the device needs a reset. */
  void interruptConfig();
}
