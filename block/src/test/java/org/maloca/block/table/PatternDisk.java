package org.maloca.block.table;

import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A parent whose every sector holds its number and nothing else, many times. */
public final class PatternDisk implements BlockBackend {
  private final long sizeBytes;

  public PatternDisk(long sizeBytes) {
    this.sizeBytes = sizeBytes;
  }

  /** What the parent has, as an array. */
  public byte[] bytes() {
    byte[] bytes = new byte[(int) sizeBytes];
    java.nio.ByteBuffer b = java.nio.ByteBuffer.wrap(bytes);
    while (b.hasRemaining()) {
      b.putLong(tag(b.position() / SECTOR_BYTES));
    }
    return bytes;
  }

  static long tag(long sector) {
    return -1 - sector;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, IoVector target) {
    byte[] sector = new byte[SECTOR_BYTES];
    for (long done = 0; done < target.bytes(); done += SECTOR_BYTES) {
      java.nio.ByteBuffer b = java.nio.ByteBuffer.wrap(sector);
      while (b.hasRemaining()) {
        b.putLong(tag((offset + done) / SECTOR_BYTES));
      }
      target.copyFrom(done, sector, 0, SECTOR_BYTES);
    }
  }

  @Override
  public void write(long offset, IoVector source) {
    throw new AssertionError("a parent was written");
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) {
    throw new AssertionError("a parent was discarded");
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) {
    throw new AssertionError("a parent was zeroed");
  }

  @Override
  public void close() {}
}
