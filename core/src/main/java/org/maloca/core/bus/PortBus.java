package org.maloca.core.bus;

import org.jspecify.annotations.Nullable;

/**
 * The 64 Ki I/O ports. Look-up is one array load; ports that nobody registered read as all-ones and
 * swallow writes.
 *
 * <p>An access goes whole to the handler at its first port. Handlers register per range and can be
 * replaced while the machine runs.
 */
public final class PortBus {
  public static final int PORTS = 0x10000;

  /** Its fields are final, so that who finds one in the table sees them, without a fence. */
  private record Slot(int base, IoHandler handler) {}

  private final @Nullable Slot[] slots = new Slot[PORTS];

  /**
   * Registers a range.
   *
   * @throws IllegalArgumentException when it leaves the port space or meets another range
   */
  public synchronized void register(int base, int count, IoHandler handler) {
    if (base < 0 || count <= 0 || base + count > PORTS) {
      throw new IllegalArgumentException("ports %#x+%#x".formatted(base, count));
    }
    for (int port = base; port < base + count; port++) {
      if (slots[port] != null) {
        throw new IllegalArgumentException("port %#x is taken".formatted(port));
      }
    }
    Slot slot = new Slot(base, handler);
    for (int port = base; port < base + count; port++) {
      slots[port] = slot;
    }
  }

  /** Frees a range. */
  public synchronized void unregister(int base, int count) {
    for (int port = base; port < base + count; port++) {
      slots[port] = null;
    }
  }

  /** Reads from a port; {@code size} is 1, 2 or 4. The result is zero-extended. */
  public long read(int port, int size) {
    long mask = (1L << 8 * size) - 1;
    Slot slot = slots[port & 0xffff];
    return slot == null ? mask : slot.handler.read(port - slot.base, size) & mask;
  }

  /** Writes to a port; {@code size} is 1, 2 or 4. */
  public void write(int port, int size, long value) {
    Slot slot = slots[port & 0xffff];
    if (slot != null) {
      slot.handler.write(port - slot.base, size, value & (1L << 8 * size) - 1);
    }
  }
}
