package org.maloca.block.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.memory.IoVector;

final class EphemeralOverlayTest {
  /** Not a multiple of the overlay's clusters. */
  private static final int SIZE = 300 * 4096 + 512;

  private static final long SEED = 42;

  @TempDir Path folder;

  @Test
  void shows_what_was_written_over_a_base_that_stays_as_it_was() throws IOException {
    Random random = new Random(SEED);
    byte[] shadow = new byte[SIZE];
    random.nextBytes(shadow);
    Path base = folder.resolve("base");
    Files.write(base, shadow);
    byte[] before = shadow.clone();
    Path temporary = Files.createDirectory(folder.resolve("temporary"));

    try (Arena arena = Arena.ofConfined();
        EphemeralOverlay overlay =
            EphemeralOverlay.over(
                DiskImages.open(base, OpenOptions.readOnly()).image(), temporary)) {
      MemorySegment memory = arena.allocate(SIZE);
      for (int i = 0; i < 2000; i++) {
        int offset = random.nextInt(SIZE / 512) * 512;
        int length = Math.min(SIZE - offset, (1 + random.nextInt(40)) * 512);
        step(random, overlay, memory, shadow, offset, length);
      }
      try (var files = Files.list(temporary)) {
        assertEquals(0, files.count(), "the temporary file has no name");
      }
      assertArrayEquals(shadow, read(overlay, memory, 0, SIZE));
    }

    assertArrayEquals(before, Files.readAllBytes(base));
  }

  private static void step(
      Random random,
      EphemeralOverlay overlay,
      MemorySegment memory,
      byte[] shadow,
      int offset,
      int length)
      throws IOException {
    switch (random.nextInt(4)) {
      case 0 -> {
        byte[] data = new byte[length];
        random.nextBytes(data);
        MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
        if (!overlay.writeAtOnce(offset, vector(memory, length))) {
          overlay.write(offset, vector(memory, length));
        }
        System.arraycopy(data, 0, shadow, offset, length);
      }
      case 1 -> {
        overlay.writeZeroes(offset, length, random.nextBoolean());
        java.util.Arrays.fill(shadow, offset, offset + length, (byte) 0);
      }
      case 2 -> {
        overlay.discard(offset, length);
        byte[] now = read(overlay, memory, offset, length);
        for (int i = 0; i < length; i++) {
          // Either as before, or zero.
          if (now[i] != 0) {
            assertEquals(shadow[offset + i], now[i]);
          }
        }
        System.arraycopy(now, 0, shadow, offset, length);
      }
      default -> {
        byte[] expected = java.util.Arrays.copyOfRange(shadow, offset, offset + length);
        assertArrayEquals(expected, read(overlay, memory, offset, length));
      }
    }
  }

  private static byte[] read(EphemeralOverlay overlay, MemorySegment memory, int offset, int length)
      throws IOException {
    if (offset / 512 % 2 == 0 || !overlay.readAtOnce(offset, vector(memory, length))) {
      overlay.read(offset, vector(memory, length));
    }
    return memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static IoVector vector(MemorySegment memory, int length) {
    IoVector vector = new IoVector();
    vector.add(memory.address(), length);
    return vector;
  }
}
