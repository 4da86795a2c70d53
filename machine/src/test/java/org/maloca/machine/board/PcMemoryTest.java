package org.maloca.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.memory.RamBlock;
import org.maloca.devices.acpi.AcpiTables;
import org.maloca.machine.boot.E820Entry;

final class PcMemoryTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  @Test
  void splitsRamAroundTheDevicesBelow4GiB() throws IOException {
    try (PcMemory memory = new PcMemory(4 * GIB, 0)) {
      long total =
          memory.e820().stream()
              .filter(entry -> entry.type() == E820Entry.RAM)
              .mapToLong(E820Entry::size)
              .sum();
      assertEquals(4 * GIB - 0x60400, total);
      memory.memory().write(5 * GIB, 8, 0x1234);
      assertEquals(0x1234, memory.memory().read(5 * GIB, 8));
      assertEquals(-1, memory.memory().read(0xb000_0000L, 8));
      assertEquals(-1, memory.memory().read(0xa0000, 8));
      assertEquals(5 * GIB + 256 * MIB, memory.end());
    }
  }

  @Test
  void keepsTheGuestFromWritingRomButNotTheFacs() throws IOException {
    try (PcMemory memory = new PcMemory(16 * MIB, 0)) {
      AcpiTables tables = AcpiTables.build(PcAcpi.describe(1, 256 * GIB, 1, List.of()));
      memory.writeFirmware(tables);
      assertEquals(0x2052_5450_2044_5352L, memory.memory().read(0xe0000, 8));
      memory.memory().write(0xf0000, 8, -1);
      assertEquals(0, memory.memory().read(0xf0000, 8));
      memory.memory().write(0xe0050, 4, 3);
      assertEquals(3, memory.memory().read(0xe0050, 4));
      memory.writeFirmware(tables);
      assertEquals(0, memory.memory().read(0xe0050, 4));
    }
  }

  @Test
  void foldsTheSecondMebibyteOntoTheFirstWithoutA20() throws IOException {
    try (PcMemory memory = new PcMemory(16 * MIB, 0)) {
      memory.memory().write(0x500, 4, 0x11);
      memory.memory().write(MIB + 0x500, 4, 0x22);
      memory.setA20(false);
      assertEquals(0x11, memory.memory().read(MIB + 0x500, 4));
      memory.setA20(true);
      assertEquals(0x22, memory.memory().read(MIB + 0x500, 4));
    }
  }

  @Test
  void putsMemoryOfDevicesBehindRam() throws IOException {
    try (PcMemory memory = new PcMemory(4 * GIB, 2 * PcMemory.roomFor(2 * MIB))) {
      long first = memory.add(RamBlock.allocate(2 * MIB));
      long second = memory.add(RamBlock.allocate(2 * MIB));

      assertEquals(6 * GIB, first);
      assertEquals(7 * GIB, second);
      assertEquals(8 * GIB, memory.end());
      memory.memory().write(second + 2 * MIB - 8, 8, 0x1234);
      assertEquals(0x1234, memory.memory().read(second + 2 * MIB - 8, 8));
      assertEquals(0, memory.memory().read(first, 8));
      assertEquals(-1, memory.memory().read(second + 2 * MIB, 8));
      assertEquals(memory.pages() - GIB / 4096, memory.memory().ramPageOf(second));
      RamBlock tooMuch = RamBlock.allocate(2 * MIB);
      assertThrows(IllegalStateException.class, () -> memory.add(tooMuch));
      tooMuch.close();
    }
  }
}
