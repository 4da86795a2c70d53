package org.maloca.block.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.memory.IoVector;

final class PromptnessTest {
  private static final int BYTES = 8192;

  @TempDir Path folder;

  @Test
  void what_is_done_at_once_is_done_whole() throws IOException {
    Path path = folder.resolve("file");
    Files.write(path, new byte[4 * BYTES]);
    try (Arena arena = Arena.ofConfined();
        ImageFile file = HostFile.open(path)) {
      MemorySegment memory = arena.allocate(BYTES + 1L, 4096);
      IoVector vector = new IoVector();
      vector.add(memory.address(), 100);
      vector.add(memory.address() + 101, BYTES - 100);
      memory.fill((byte) 7);

      if (!file.writeAtOnce(BYTES, vector)) {
        // The first time it may have to find out how.
        assumeTrue(file.writeAtOnce(BYTES, vector), "the file system has no such thing");
      }
      memory.fill((byte) 0);
      assertTrue(file.readAtOnce(BYTES, vector));

      byte[] sevens = new byte[BYTES];
      java.util.Arrays.fill(sevens, (byte) 7);
      byte[] found = new byte[BYTES];
      vector.copyTo(0, found, 0, BYTES);
      assertArrayEquals(sevens, found);
      byte[] onDisk = Files.readAllBytes(path);
      assertArrayEquals(sevens, java.util.Arrays.copyOfRange(onDisk, BYTES, 2 * BYTES));
    }
  }

  @Test
  void parts_of_pages_and_what_lies_past_the_end_are_not_at_hand() throws IOException {
    Path path = folder.resolve("file");
    Files.write(path, new byte[BYTES + 512]);
    try (Arena arena = Arena.ofConfined();
        ImageFile file = HostFile.open(path)) {
      MemorySegment memory = arena.allocate(ValueLayout.JAVA_BYTE, BYTES);
      IoVector half = new IoVector();
      half.add(memory.address(), 512);
      IoVector whole = new IoVector();
      whole.add(memory.address(), BYTES);

      assertFalse(file.writeAtOnce(0, half));
      assertFalse(file.readAtOnce(4096, whole));
    }
  }

  @Test
  void nothing_past_the_page_cache_is_at_hand() throws IOException {
    assumeTrue(LinuxCalls.areAvailable());
    Path path = folder.resolve("file");
    Files.write(path, new byte[BYTES]);
    try (Arena arena = Arena.ofConfined();
        ImageFile file = HostFile.open(path, HostFile.Option.DIRECT)) {
      IoVector vector = new IoVector();
      vector.add(arena.allocate(BYTES, 4096).address(), BYTES);

      assertFalse(file.readAtOnce(0, vector));
      assertFalse(file.writeAtOnce(0, vector));
    }
  }
}
