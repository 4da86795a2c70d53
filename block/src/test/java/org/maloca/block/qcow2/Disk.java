package org.maloca.block.qcow2;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** Reads and writes disks from arrays, for tests. */
final class Disk {
  private Disk() {}

  static byte[] read(BlockBackend disk, long offset, int length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(Math.max(length, 1), 4096).fill((byte) 0x5a);
      IoVector vector = new IoVector();
      vector.add(memory.address(), length);
      if (!isTriedAtOnce(offset) || !disk.readAtOnce(offset, vector)) {
        disk.read(offset, vector);
      }
      byte[] bytes = new byte[length];
      vector.copyTo(0, bytes, 0, length);
      return bytes;
    }
  }

  /** In two pieces that do not touch, so that vectors are tried as well. */
  static void write(BlockBackend disk, long offset, byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes.length + 64L, 4096);
      int half = bytes.length / 2;
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, half);
      MemorySegment.copy(
          bytes, half, memory, ValueLayout.JAVA_BYTE, half + 64L, bytes.length - half);
      IoVector vector = new IoVector();
      vector.add(memory.address(), half);
      vector.add(memory.address() + half + 64, bytes.length - half);
      if (!isTriedAtOnce(offset) || !disk.writeAtOnce(offset, vector)) {
        disk.write(offset, vector);
      }
    }
  }

  private static boolean isTriedAtOnce(long offset) {
    return offset / 512 % 2 == 0;
  }
}
