package org.maloca.x86.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.TwoCpuMachine;

/** Accesses to two pages at once, in RAM that is mapped as it is. */
class AcrossPagesTest {
  private static final int BOUNDARY = 0x3000;
  private static final int RAM_END = TwoCpuMachine.RAM_BYTES;

  private final TwoCpuMachine machine = new TwoCpuMachine();
  private final Mmu mmu = machine.first.mmu;

  @BeforeEach
  void writePattern() {
    for (int i = -16; i < 16; i++) {
      machine.memory.write(BOUNDARY + i, 1, 0x80 + i);
      if (i < 0) {
        machine.memory.write(RAM_END + i, 1, 0x80 + i);
      }
    }
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private static long pattern(int first, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | 0x80 + first + i & 0xff;
    }
    return value;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void loadsTakeBytesOfBothPages(int size) {
    for (int before = 1; before < size; before++) {
      assertEquals(pattern(-before, size), mmu.load(BOUNDARY - before, size));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void storesChangeTheirBytesAndNoOthers(int size) {
    for (int before = 1; before < size; before++) {
      writePattern();
      long value = 0x1122_3344_5566_7788L >>> 64 - 8 * size;

      mmu.store(BOUNDARY - before, size, value);

      assertEquals(value, read(BOUNDARY - before, size));
      assertEquals(pattern(-before - 8, 8), machine.memory.read(BOUNDARY - before - 8, 8));
      assertEquals(pattern(size - before, 8), machine.memory.read(BOUNDARY - before + size, 8));
    }
  }

  private long read(int address, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | machine.memory.read(address + i, 1);
    }
    return value;
  }

  @ParameterizedTest
  @CsvSource({"1, 0xffffffffffffff7f", "7, 0xff7f7e7d7c7b7a79"})
  void whatLiesBeyondRamReadsAsOnes(int before, String value) {
    assertEquals(Long.parseUnsignedLong(value.substring(2), 16), mmu.load64(RAM_END - before));
  }

  @Test
  void whatIsStoredBeyondRamIsLost() {
    mmu.store64(RAM_END - 3, 0x1122_3344_5566_7788L);

    assertEquals(0x66_7788_7c7b7a79L, machine.memory.read(RAM_END - 7, 8) & 0xff_ffff_ffff_ffffL);
  }
}
