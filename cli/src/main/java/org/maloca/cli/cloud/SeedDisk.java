package org.maloca.cli.cloud;

import java.io.IOException;
import java.util.Arrays;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A small disk in memory that is only read, for the seed. */
public final class SeedDisk implements BlockBackend {
  private final byte[] bytes;

  /**
   * Makes a disk.
   *
   * @param content filled up to a whole sector
   */
  public SeedDisk(byte[] content) {
    bytes = Arrays.copyOf(content, Math.ceilDiv(content.length, SECTOR_BYTES) * SECTOR_BYTES);
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    if (offset < 0 || offset > bytes.length - target.bytes()) {
      throw new IOException("%d bytes at %d".formatted(target.bytes(), offset));
    }
    target.copyFrom(0, bytes, (int) offset, (int) target.bytes());
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    throw readOnly();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    throw readOnly();
  }

  private static IOException readOnly() {
    return new IOException("the seed is only read");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
