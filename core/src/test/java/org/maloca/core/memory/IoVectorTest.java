package org.maloca.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class IoVectorTest {
  @Test
  void reads_little_endian_numbers_across_pieces() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(32);
      for (int i = 0; i < 32; i++) {
        memory.set(ValueLayout.JAVA_BYTE, i, (byte) (0xf0 + i));
      }
      IoVector vector = new IoVector();
      vector.add(memory.address(), 3);
      vector.add(memory.address() + 8, 1);
      vector.add(memory.address() + 16, 8);

      assertEquals(0xf1, vector.littleEndian(1, 1));
      assertEquals(0xf8f2f1f0L, vector.littleEndian(0, 4));
      assertEquals(0x04030201_00f8f2f1L, vector.littleEndian(1, 8));
      assertThrows(IllegalArgumentException.class, () -> vector.littleEndian(9, 4));
    }
  }
}
