package org.maloca.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Both ways of touching memory behave alike; embedded without flags only the second is there. */
class HostMemoryTest {
  @Test
  void foreignAccessReadsWhatUnsafeWrote() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(64, 8).address();
      JdkUnsafe.U.putLong(null, address + 3, 0x0102_0304_0506_0708L);

      assertEquals(0x0102_0304_0506_0708L, ForeignMemory.getLong(address + 3));
      assertEquals(0x0506_0708, ForeignMemory.getInt(address + 3));
      assertEquals(0x0708, ForeignMemory.getShort(address + 3));
      assertEquals(8, ForeignMemory.getByte(address + 3));
    }
  }

  @Test
  void unsafeAccessReadsWhatForeignWrote() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(64, 8).address();
      ForeignMemory.putLong(address + 1, -2);
      ForeignMemory.putInt(address + 1, 0x1234_5678);
      ForeignMemory.putShort(address + 5, (short) 0x9abc);
      ForeignMemory.putByte(address + 7, (byte) 0x55);

      assertEquals(0xff55_9abc_1234_5678L, JdkUnsafe.U.getLong(null, address + 1));
    }
  }

  @Test
  void compareAndSetChangesOnlyWhatIsAsExpected() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(16, 8).address();

      assertTrue(ForeignMemory.compareAndSetLong(address, 0, 7));
      assertFalse(ForeignMemory.compareAndSetLong(address, 0, 8));
      assertTrue(JdkUnsafe.U.compareAndSetInt(null, address, 7, 9));
      assertEquals(9, HostMemory.getLong(address));
    }
  }

  @Test
  void updatesAnswerWhatWasThere() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(16, 8).address();
      HostMemory.putLong(address, 0x1_ffff_ffffL);

      // Four bytes alone: no carry into those above.
      assertEquals(-1, ForeignMemory.getAndAddInt(address, 1));
      assertEquals(0x1_0000_0000L, JdkUnsafe.U.getAndAddLong(null, address, 5));
      assertEquals(0x1_0000_0005L, ForeignMemory.getAndAddLong(address, -5));
      assertEquals(0, JdkUnsafe.U.getAndAddInt(null, address, 7));

      assertEquals(7, JdkUnsafe.U.getAndSetInt(null, address, -1));
      assertEquals(-1, ForeignMemory.getAndSetInt(address, 3));
      assertEquals(0x1_0000_0003L, JdkUnsafe.U.getAndSetLong(null, address, -1));
      assertEquals(-1, ForeignMemory.getAndSetLong(address, 2));
      assertEquals(2, HostMemory.getLong(address));
    }
  }

  @Test
  void copiesOverlappingRangesAndArrays() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(16, 8).address();
      HostMemory.write(address, new byte[] {1, 2, 3, 4, 5}, 0, 5);
      HostMemory.copy(address, address + 2, 5);
      byte[] result = new byte[7];
      HostMemory.read(address, result, 0, 7);

      assertArrayEquals(new byte[] {1, 2, 1, 2, 3, 4, 5}, result);
    }
  }
}
