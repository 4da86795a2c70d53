package org.maloca.core.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A block of guest RAM: a sparse, nameless file mapped shared, so that pages the guest never
 * touched cost nothing and later snapshots can map the same file privately.
 *
 * <p>Zeroed when made. Safe for any thread; {@link #close()} must come after the last access,
 * because accesses by address are not checked.
 */
public final class RamBlock implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment segment;

  private RamBlock(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /**
   * Maps a new block.
   *
   * @param bytes size, a positive multiple of 4096
   * @throws IOException when the host cannot give it
   */
  public static RamBlock allocate(long bytes) throws IOException {
    if (bytes <= 0 || (bytes & 0xfff) != 0) {
      throw new IllegalArgumentException("RAM size must be a multiple of 4096: " + bytes);
    }
    Arena arena = Arena.ofShared();
    try (FileChannel file = namelessFile()) {
      return new RamBlock(arena, file.map(MapMode.READ_WRITE, 0, bytes, arena));
    } catch (IOException | RuntimeException | Error failure) {
      arena.close();
      throw failure;
    }
  }

  /**
   * Maps the first bytes of a file, which may be closed then.
   *
   * @param mode {@link MapMode#READ_WRITE}, or {@link MapMode#PRIVATE} to keep what is written from
   *     the file
   * @param bytes a positive multiple of 4096, no more than the file has as long as it is mapped
   */
  public static RamBlock map(FileChannel file, MapMode mode, long bytes) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      return new RamBlock(arena, file.map(mode, 0, bytes, arena));
    } catch (IOException | RuntimeException | Error failure) {
      arena.close();
      throw failure;
    }
  }

  private static FileChannel namelessFile() throws IOException {
    FileChannel anonymous = LinuxMemoryFile.open("maloca-ram");
    if (anonymous != null) {
      return anonymous;
    }
    Path file = Files.createTempFile("maloca-ram", null);
    return FileChannel.open(
        file,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.SPARSE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** Size in bytes. */
  public long size() {
    return segment.byteSize();
  }

  /** Where the block starts in the host's address space. */
  public long hostAddress() {
    return segment.address();
  }

  @Override
  public void close() {
    arena.close();
  }
}
