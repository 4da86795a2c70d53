package org.maloca.cli.bootdisk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * Reads a disk, or a part of one, at any offset. Little-endian, as everything is that is read here.
 * Not thread-safe.
 */
final class DiskReader {
  private static final int CHUNK_BYTES = 1 << 20;

  private final BlockBackend disk;
  private final long startBytes;
  private final long sizeBytes;
  private final MemorySegment chunk;
  private final IoVector vector = new IoVector();

  private DiskReader(BlockBackend disk, long startBytes, long sizeBytes, MemorySegment chunk) {
    this.disk = disk;
    this.startBytes = startBytes;
    this.sizeBytes = sizeBytes;
    this.chunk = chunk;
  }

  /** Reads a whole disk, by a buffer of the arena. */
  static DiskReader of(BlockBackend disk, Arena arena) {
    MemorySegment chunk = arena.allocate(CHUNK_BYTES, BlockBackend.SECTOR_BYTES);
    return new DiskReader(disk, 0, disk.sizeBytes(), chunk);
  }

  /** Reads a part, cut where the disk ends. */
  DiskReader part(long offset, long length) {
    long start = Math.clamp(offset, 0, sizeBytes);
    long size = Math.clamp(length, 0, sizeBytes - start);
    return new DiskReader(disk, startBytes + start, size, chunk);
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /**
   * Reads bytes.
   *
   * @throws IOException also when the disk ends before them
   */
  ByteBuffer read(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > sizeBytes - length) {
      throw new IOException(
          "%d bytes at %d are outside of %d".formatted(length, offset, sizeBytes));
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      long at = startBytes + offset + bytes.position();
      int skip = (int) (at % BlockBackend.SECTOR_BYTES);
      int wanted = Math.min(bytes.remaining(), CHUNK_BYTES - skip);
      long sectors = Math.ceilDiv(skip + wanted, BlockBackend.SECTOR_BYTES);
      vector.clear();
      vector.add(chunk.address(), sectors * BlockBackend.SECTOR_BYTES);
      disk.read(at - skip, vector);
      MemorySegment.copy(
          chunk, ValueLayout.JAVA_BYTE, skip, bytes.array(), bytes.position(), wanted);
      bytes.position(bytes.position() + wanted);
    }
    return bytes.flip();
  }
}
