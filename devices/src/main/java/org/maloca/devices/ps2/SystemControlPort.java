package org.maloca.devices.ps2;

import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;

/**
 * System control port A (0x92): fast A20 and fast reset (IBM PS/2 Hardware Interface Technical
 * Reference, System Control Port A). Its state is the {@link A20Gate}'s; safe for any thread.
 */
public final class SystemControlPort implements IoHandler {
  public static final int PORT = 0x92;

  private static final int FAST_RESET = 0x01;
  private static final int FAST_A20 = 0x02;

  private final A20Gate a20;

  public SystemControlPort(A20Gate a20) {
    this.a20 = a20;
  }

  /** Registers port 0x92. */
  public void register(PortBus ports) {
    ports.register(PORT, 1, this);
  }

  @Override
  public long read(int offset, int size) {
    return ~0xffL | (a20.isEnabled() ? FAST_A20 : 0);
  }

  @Override
  public void write(int offset, int size, long value) {
    a20.set((value & FAST_A20) != 0);
    if ((value & FAST_RESET) != 0) {
      a20.requestReset();
    }
  }
}
