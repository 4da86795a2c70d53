package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * Reads and writes disks by arrays, and works on one at random beside an array that tells right.
 */
public final class Disks {
  private Disks() {}

  public static byte[] read(BlockBackend disk, long offset, int length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(Math.max(length, 1));
      memory.fill((byte) 0x5a);
      IoVector pieces = pieces(memory, length);
      if (!isTriedAtOnce(offset) || !disk.readAtOnce(offset, pieces)) {
        disk.read(offset, pieces);
      }
      return memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  public static void write(BlockBackend disk, long offset, byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(Math.max(bytes.length, 1));
      memory.copyFrom(MemorySegment.ofArray(bytes));
      IoVector pieces = pieces(memory, bytes.length);
      if (!isTriedAtOnce(offset) || !disk.writeAtOnce(offset, pieces)) {
        disk.write(offset, pieces);
      }
    }
  }

  /** Every second block, as whole ones are what can be written so. */
  private static boolean isTriedAtOnce(long offset) {
    return offset / 4096 % 2 == 0;
  }

  /** The memory in two pieces of odd lengths, as a guest may have it. */
  private static IoVector pieces(MemorySegment memory, int length) {
    IoVector vector = new IoVector();
    vector.add(memory.address(), length / 3);
    vector.add(memory.address() + length / 3, length - length / 3);
    return vector;
  }

  /** Random writes, reads, zeroing, flushes on both; discarded ranges may keep their bytes. */
  public static void work(BlockBackend disk, byte[] shadow, long seed, int operations)
      throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < operations; i++) {
      int maxSectors = random.nextInt(8) == 0 ? 4000 : 64;
      int length = 512 * (1 + random.nextInt(Math.min(maxSectors, shadow.length / 512)));
      int offset = 512 * random.nextInt((shadow.length - length) / 512 + 1);
      switch (random.nextInt(12)) {
        case 0 -> {
          disk.writeZeroes(offset, length, random.nextBoolean());
          Arrays.fill(shadow, offset, offset + length, (byte) 0);
        }
        case 1 -> disk.flush();
        case 2 -> {
          disk.discard(offset, length);
          System.arraycopy(read(disk, offset, length), 0, shadow, offset, length);
        }
        case 3, 4, 5, 6, 7 -> {
          byte[] bytes = new byte[length];
          random.nextBytes(bytes);
          write(disk, offset, bytes);
          System.arraycopy(bytes, 0, shadow, offset, length);
        }
        default -> assertSame(disk, shadow, offset, length, "seed " + seed + " operation " + i);
      }
    }
  }

  public static void assertSame(BlockBackend disk, byte[] shadow) throws IOException {
    assertSame(disk, shadow, 0, shadow.length, "whole disk");
  }

  private static void assertSame(
      BlockBackend disk, byte[] shadow, int offset, int length, String where) throws IOException {
    byte[] found = read(disk, offset, length);
    int different = Arrays.mismatch(found, Arrays.copyOfRange(shadow, offset, offset + length));
    assertEquals(-1, different, () -> where + ": first difference in " + offset + "+" + length);
  }
}
