package org.maloca.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;

class MemoryMapTest {
  private static final IoHandler DEVICE =
      new IoHandler() {
        @Override
        public long read(int offset, int size) {
          return offset;
        }

        @Override
        public void write(int offset, int size, long value) {}
      };

  private final MemoryRegion.Ram low = new MemoryRegion.Ram(0, 0x10000, 0x7000_0000L, 0);
  private final MemoryRegion.Ram high =
      new MemoryRegion.Ram(0x1_0000_0000L, 0x1000, 0x7001_0000L, 0x10000);

  @Test
  void findsTheRegionOfEachAddressAndNothingInHoles() {
    MemoryMap map = MemoryMap.of(List.of(high, low));

    assertEquals(low, map.find(0));
    assertEquals(low, map.find(0xffff));
    assertNull(map.find(0x10000));
    assertEquals(high, map.find(0x1_0000_0fffL));
    assertNull(map.find(0x1_0000_1000L));
    assertNull(map.find(-1));
  }

  @Test
  void refusesOverlappingRegions() {
    MemoryRegion.Ram overlapping = new MemoryRegion.Ram(0xf000, 0x2000, 0, 0);

    assertThrows(IllegalArgumentException.class, () -> MemoryMap.of(List.of(low, overlapping)));
  }

  @Test
  void devicePlacedOverRamSplitsItAndKeepsHostAddressesInStep() {
    MemoryMap map = MemoryMap.of(List.of(low));

    MemoryMap split = map.with(new MemoryRegion.Mmio(0x4000, 0x1000, DEVICE));

    assertInstanceOf(MemoryRegion.Mmio.class, split.find(0x4fff));
    MemoryRegion.Ram after = assertInstanceOf(MemoryRegion.Ram.class, split.find(0x5000));
    assertEquals(0x5000, after.gpa());
    assertEquals(0x7000_5000L, after.hostAddress());
    assertEquals(0x5000, after.ramOffset());
    assertEquals(0x4000, split.find(0).size());
  }

  @Test
  void refusesTwoDevicesAtOnePlace() {
    MemoryMap map = MemoryMap.EMPTY.with(new MemoryRegion.Mmio(0x4000, 0x1000, DEVICE));

    assertThrows(
        IllegalArgumentException.class,
        () -> map.with(new MemoryRegion.Mmio(0x4800, 0x1000, DEVICE)));
  }
}
