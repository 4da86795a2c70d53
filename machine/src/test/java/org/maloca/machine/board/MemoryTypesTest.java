package org.maloca.machine.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.maloca.core.cpu.CpuState;

class MemoryTypesTest {
  @Test
  void ramIsWriteBackAndTheDeviceRegionsAreUncacheable() {
    CpuState state = new CpuState();

    MemoryTypes.set(state);

    assertEquals(0xc06, state.mtrrDefType);
    assertArrayEquals(
        new long[] {
          0xb000_0000L,
          0xffff_f000_0800L,
          0xc000_0000L,
          0xffff_c000_0800L,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0
        },
        state.mtrrVariable);
  }

  @Test
  void theFirstMebibyteHasRamThenVgaThenRom() {
    CpuState state = new CpuState();

    MemoryTypes.set(state);

    long ram = 0x0606_0606_0606_0606L;
    long rom = 0x0505_0505_0505_0505L;
    assertArrayEquals(
        new long[] {ram, ram, 0, rom, rom, rom, rom, rom, rom, rom, rom}, state.mtrrFixed);
  }
}
