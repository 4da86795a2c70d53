package org.maloca.core.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PortBusTest {
  private final PortBus bus = new PortBus();

  /** Answers reads with the offset and size, and keeps the last write. */
  private static final class Probe implements IoHandler {
    long written;

    @Override
    public long read(int offset, int size) {
      return 0xffff_ff00_0000_0000L | offset << 4 | size;
    }

    @Override
    public void write(int offset, int size, long value) {
      written = value;
    }
  }

  @Test
  void unclaimedPortsReadAsOnesOfTheirSize() {
    assertEquals(0xff, bus.read(0x3f8, 1));
    assertEquals(0xffff, bus.read(0x3f8, 2));
    assertEquals(0xffff_ffffL, bus.read(0xffff, 4));
  }

  @Test
  void handlerSeesItsOffsetAndValuesAreCutToSize() {
    Probe probe = new Probe();
    bus.register(0x3f8, 8, probe);

    assertEquals(0x31, bus.read(0x3fb, 1));
    bus.write(0x3f8, 2, 0x12_3456);

    assertEquals(0x3456, probe.written);
  }

  @Test
  void rangesDoNotOverlapAndCanBeFreed() {
    bus.register(0x60, 1, new Probe());

    assertThrows(IllegalArgumentException.class, () -> bus.register(0x5f, 2, new Probe()));
    assertThrows(IllegalArgumentException.class, () -> bus.register(0xffff, 2, new Probe()));

    bus.unregister(0x60, 1);
    assertEquals(0xff, bus.read(0x60, 1));
  }
}
