package org.maloca.devices.debug;

import java.util.function.IntConsumer;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;

/**
 * A port through which a test guest ends its machine. A write of {@code value} reports the exit
 * code {@code value << 1 | 1}, which is never 0, so that it differs from a plain power-off. Reads
 * give 0. Stateless; safe for any thread.
 */
public final class DebugExit implements IoHandler {
  public static final int DEFAULT_PORT = 0xf4;
  public static final int PORTS = 4;

  private final IntConsumer exit;

  /**
   * Makes the port.
   *
   * @param exit called on the writing vCPU's thread, perhaps several times; must not block
   */
  public DebugExit(IntConsumer exit) {
    this.exit = exit;
  }

  /** Registers the four ports from {@code basePort}. */
  public void register(PortBus ports, int basePort) {
    ports.register(basePort, PORTS, this);
  }

  @Override
  public long read(int offset, int size) {
    return 0;
  }

  @Override
  public void write(int offset, int size, long value) {
    exit.accept((int) (value & 0xffff_ffffL >>> 32 - 8 * Math.min(size, 4)) << 1 | 1);
  }
}
