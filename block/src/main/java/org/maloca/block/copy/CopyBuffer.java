package org.maloca.block.copy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/** Memory for a piece of a disk, used again and again by one thread. */
final class CopyBuffer {
  /** The most that is moved at once. */
  static final int BYTES = 2 << 20;

  private static final int PAGE_BYTES = 4096;
  private static final MemorySegment ZEROS = Arena.global().allocate(BYTES, PAGE_BYTES);

  private final MemorySegment memory;
  private final IoVector vector = new IoVector();

  CopyBuffer(Arena arena) {
    memory = arena.allocate(BYTES, PAGE_BYTES);
  }

  void read(BlockBackend disk, long offset, int length) throws IOException {
    disk.read(offset, part(0, length));
  }

  /** Reads as much as the disk has; zeros behind its end, and where there is none. */
  void readOrZeros(@Nullable BlockBackend disk, long offset, int length) throws IOException {
    int there = disk == null ? 0 : (int) Math.clamp(disk.sizeBytes() - offset, 0, length);
    if (disk != null && there > 0) {
      disk.read(offset, part(0, there));
    }
    if (there < length) {
      memory.asSlice(there, length - there).fill((byte) 0);
    }
  }

  void write(BlockBackend disk, long offset, int from, int length) throws IOException {
    disk.write(offset, part(from, length));
  }

  private IoVector part(int from, int length) {
    vector.clear();
    vector.add(memory.address() + from, length);
    return vector;
  }

  boolean isZero(int from, int length) {
    return length < Long.BYTES
        ? differs(from, length, ZEROS) < 0
        : HostMemory.getLong(memory.address() + from) == 0 && differs(from, length, ZEROS) < 0;
  }

  /** Index of the first byte from {@code from} on that differs from the other buffer's, or -1. */
  int firstDifference(CopyBuffer other, int from, int length) {
    long at =
        MemorySegment.mismatch(memory, from, from + length, other.memory, from, from + length);
    return at < 0 ? -1 : (int) at + from;
  }

  private long differs(int from, int length, MemorySegment other) {
    return MemorySegment.mismatch(memory, from, from + length, other, 0, length);
  }
}
