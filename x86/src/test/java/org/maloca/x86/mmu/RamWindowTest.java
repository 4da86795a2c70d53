package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;

class RamWindowTest {
  private static final long HOST = 0x7000_0000_0000L;
  private static final long FOUR_GIB = 1L << 32;

  private static final MemoryMap MAP =
      MemoryMap.of(
          List.of(
              new MemoryRegion.Ram(0, 0x9_0800, HOST, 0),
              new MemoryRegion.Rom(0xc_0000, 0x1_0000, HOST + 0xc_0000, 0xc_0000),
              new MemoryRegion.Ram(0x10_0000, 0x10_0000, HOST + 0x10_0000, 0x10_0000),
              new MemoryRegion.Ram(FOUR_GIB, 0x10_0000, HOST + 0x20_0000, 0x20_0000)));

  private final GuestMemory memory = new GuestMemory(MAP, 0x300);
  private final RamWindow window = new RamWindow(memory);

  @Test
  void ramIsFoundWhereverTheLastOneWas() {
    for (int round = 0; round < 2; round++) {
      assertEquals(HOST + 0x10_0123, window.host(0x10_0123));
      assertEquals(HOST + 0x20_0123, window.host(FOUR_GIB + 0x123));
      assertEquals(HOST + 0x123, window.host(0x123));
    }
    assertEquals(0x123, window.ramOffset(0x123));
    assertEquals(0x20_0123, window.ramOffset(FOUR_GIB + 0x123));
  }

  @Test
  void whatIsNoRamIsNotFound() {
    assertEquals(0, window.host(0xc_0000));
    assertEquals(0, window.host(0x20_0000));
    assertEquals(0, window.host(FOUR_GIB + 0x10_0000));
    assertEquals(0, window.host(-8));
    assertEquals(0, window.host(0x8000_0000_0000L));
  }

  @Test
  void aPageThatIsRamInPartIsNotOne() {
    assertEquals(HOST + 0x9_0000, window.host(0x9_0000));
    assertFalse(window.holdsPage(0x9_0000));
    assertTrue(window.holdsPage(0x8_ffff));
  }

  @Test
  void aNewMapCountsAtOnce() {
    assertEquals(HOST + 0x10_0000, window.host(0x10_0000));

    memory.update(old ->
        MemoryMap.of(List.of(new MemoryRegion.Ram(0x10_0000, 0x1000, HOST + 0x5000, 0x5000))));

    assertEquals(HOST + 0x5000, window.host(0x10_0000));
    assertEquals(0, window.host(0x123));
  }
}
