package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataWindowTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(CaseSpace.WINDOW_BYTES, 64);
  private final CaseBatch batch = CaseBatch.in(Arena.ofAuto(), CaseKind.GPR, 1);
  private final DataWindow window = new DataWindow(memory);

  @BeforeEach
  void loadAndBegin() {
    batch.size(1);
    batch.patch(0, 100, 8);
    batch.patchLong(0, 0, 0x1122334455667788L);
    window.load(batch);
    window.begin(batch, 0);
  }

  private void flip(int at) {
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) ~memory.get(ValueLayout.JAVA_BYTE, at));
  }

  @Test
  void showsThePatch() {
    assertEquals(0x1122334455667788L, memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 100));
  }

  @Test
  void reportsNothingWhenNothingChanged() {
    window.finish(batch, 0);

    assertEquals(0, batch.memoryLength(0));
  }

  @Test
  void reportsFromTheFirstToTheLastChangedByte() {
    flip(101);
    flip(110);
    byte expected = memory.get(ValueLayout.JAVA_BYTE, 110);
    window.finish(batch, 0);

    assertEquals(101, batch.memoryLow(0));
    assertEquals(10, batch.memoryLength(0));
    assertEquals(0x88, batch.memoryByte(0, 0) & 0xff);
    assertEquals(expected, batch.memoryByte(0, 9));
  }

  @Test
  void hashesWhatDoesNotFit() {
    flip(0);
    flip(CaseSpace.WINDOW_BYTES - 1);
    window.finish(batch, 0);

    assertEquals(CaseSpace.WINDOW_BYTES, batch.memoryLength(0));
    assertNotEquals(0, batch.memoryHash(0));
  }

  @Test
  void takesEverythingBack() {
    flip(0);
    flip(101);
    flip(CaseSpace.WINDOW_BYTES - 1);
    window.finish(batch, 0);

    assertEquals(-1, memory.mismatch(batch.windowTemplate()));
  }
}
