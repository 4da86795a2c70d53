package org.maloca.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;

/** BARs that a guest places over what is there already. */
class PciWindowsTest {
  private static final int RAM_BYTES = 0x1_0000;
  private static final int MOVES = 100_000;

  private static final IoHandler SILENCE =
      new IoHandler() {
        @Override
        public long read(int offset, int size) {
          return 0;
        }

        @Override
        public void write(int offset, int size, long value) {}
      };

  private final long host = Arena.ofAuto().allocate(2 * RAM_BYTES, 4096).address();
  private final MemoryRegion ram = new MemoryRegion.Ram(0x10_0000, RAM_BYTES, host, 0);
  private final MemoryRegion rom =
      new MemoryRegion.Rom(0xf_0000, RAM_BYTES, host + RAM_BYTES, RAM_BYTES);
  private final MemoryRegion device = new MemoryRegion.Mmio(0x20_0000, 0x1000, SILENCE);
  private final GuestMemory memory =
      new GuestMemory(MemoryMap.of(List.of(rom, ram, device)), 2 * RAM_BYTES / 4096);
  private final PortBus ports = new PortBus();
  private final PciWindows windows = new PciWindows(memory, ports);
  private final PciBar[] bars = {
    new PciBar(0, PciBar.Kind.MEMORY_32, 0x1000, SILENCE),
    new PciBar(1, PciBar.Kind.MEMORY_32, 0x2_0000, SILENCE),
    new PciBar(2, PciBar.Kind.MEMORY_64, 0x40_0000, SILENCE)
  };

  @Test
  void ramRomAndDevicesStayVisibleUnderBars() {
    Random random = new Random(1);
    for (int i = 0; i < MOVES; i++) {
      PciBar bar = bars[random.nextInt(bars.length)];
      windows.hide(bar);
      long address = random.nextInt(16) == 0 ? random.nextLong() : random.nextLong(0x40_0000);
      windows.show(bar, address & -bar.size(), null);
      assertSame(ram, memory.map().find(ram.gpa() + random.nextInt(RAM_BYTES)));
      assertSame(rom, memory.map().find(rom.gpa() + random.nextInt(RAM_BYTES)));
      assertSame(device, memory.map().find(device.gpa() + random.nextInt(0x1000)));
    }
    for (PciBar bar : bars) {
      windows.hide(bar);
    }
    assertEquals(List.of(rom, ram, device), memory.map().regions());
  }

  @Test
  void aBarShowsWhenTheOneThatHidItGoes() {
    windows.show(bars[1], 0x4000_0000, null);
    windows.show(bars[0], 0x4000_1000, null);
    assertSame(
        memory.map().find(0x4000_0000), memory.map().find(0x4000_1000), "the first one's place");
    windows.hide(bars[1]);
    assertEquals(0x4000_1000, memory.map().find(0x4000_1000).gpa());
  }
}
