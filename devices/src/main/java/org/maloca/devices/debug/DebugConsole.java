package org.maloca.devices.debug;

import org.maloca.core.backend.CharBackend;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;

/**
 * The debug output port of Bochs: every byte written goes to the host; a read gives {@code 0xe9},
 * by which guests find that the port is there. Stateless; safe for any thread.
 */
public final class DebugConsole implements IoHandler {
  public static final int DEFAULT_PORT = 0xe9;

  private final CharBackend backend;

  public DebugConsole(CharBackend backend) {
    this.backend = backend;
  }

  /** Registers the one port. */
  public void register(PortBus ports, int port) {
    ports.register(port, 1, this);
  }

  @Override
  public long read(int offset, int size) {
    // Only one port wide: the lanes above it float.
    return ~0xffL | DEFAULT_PORT;
  }

  @Override
  public void write(int offset, int size, long value) {
    backend.transmit((byte) value);
  }
}
