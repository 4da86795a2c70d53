package org.maloca.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuestMemoryTest {
  private static final int RAM_BYTES = 0x3000;

  private RamBlock ram;
  private GuestMemory memory;

  @BeforeEach
  void mapThreePagesOfRamAndOneOfRom() throws IOException {
    ram = RamBlock.allocate(RAM_BYTES + 0x1000);
    long host = ram.hostAddress();
    MemoryMap map =
        MemoryMap.of(
            List.of(
                new MemoryRegion.Ram(0, RAM_BYTES, host, 0),
                new MemoryRegion.Rom(0x8000, 0x1000, host + RAM_BYTES, RAM_BYTES)));
    memory = new GuestMemory(map, 4);
  }

  @AfterEach
  void free() {
    ram.close();
  }

  @Test
  void freshRamIsZero() {
    assertEquals(0, memory.read(0x1234, 8));
  }

  @Test
  void keepsWhatWasWrittenLittleEndianOverPageEnds() {
    memory.write(0xffc, 8, 0x1122_3344_5566_7788L);

    assertEquals(0x5566_7788L, memory.read(0xffc, 4));
    assertEquals(0x1122_3344L, memory.read(0x1000, 4));
  }

  @Test
  void whatIsNotThereReadsAsOnesAndSwallowsWrites() {
    memory.write(RAM_BYTES - 2, 4, 0xaabb_ccddL);

    assertEquals(0xffff_ccddL, memory.read(RAM_BYTES - 2, 4));
    assertEquals(-1, memory.read(0xffff_ffff_0000L, 8));
  }

  @Test
  void romKeepsItsContent() {
    memory.write(0x8000, 4, 0x1234_5678);

    assertEquals(0, memory.read(0x8000, 4));
  }

  @Test
  void accessAroundTheEndOfTheAddressSpaceIsHarmless() {
    byte[] bytes = {1, 2, 3, 4};

    memory.write(-2, bytes, 0, 4);
    memory.read(-2, bytes, 0, 4);

    assertArrayEquals(new byte[] {-1, -1, 3, 4}, bytes);
  }

  @Test
  void tellsOfWritesToWatchedPagesOnly() {
    List<Long> heard = new ArrayList<>();
    memory.addListener(
        new GuestMemory.Listener() {
          @Override
          public void mapChanged() {}

          @Override
          public void watchedPageWritten(long ramPage) {
            heard.add(ramPage);
          }
        });
    memory.watch(1);
    memory.write(0xfff, 1, 1);
    memory.write(0xfff, 2, 1);
    memory.unwatch(1);
    memory.write(0x1000, 1, 1);

    assertEquals(List.of(1L), heard);
  }

  @Test
  void mappingTakesBackWhatItAddedWhenNotAllIsRam() {
    IoVector vector = new IoVector();
    assertTrue(memory.map(0x100, 0x40, vector));

    assertFalse(memory.map(0x140, RAM_BYTES, vector));
    assertFalse(memory.map(0x8000, 1, vector));
    assertFalse(memory.map(0, -1, vector));

    assertEquals(0x40, vector.bytes());
    assertEquals(1, vector.count());
    assertEquals(0x40, vector.length(0));
    assertTrue(memory.map(0x2000, 0x1000, vector));
    assertEquals(0x1040, vector.bytes());
    assertEquals(2, vector.count());
  }
}
