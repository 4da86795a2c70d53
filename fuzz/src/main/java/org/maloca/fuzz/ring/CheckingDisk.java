package org.maloca.fuzz.ring;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** Refuses requests when told to; one that the device should not have let through is a defect. */
final class CheckingDisk implements BlockBackend {
  private static final long BYTES = 1 << 20;
  private volatile boolean isFailing;

  /** Says whether everything fails from now on. */
  void setFailing(boolean failing) {
    isFailing = failing;
  }

  private void check(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || length > BYTES - offset || (offset | length) % 512 != 0) {
      throw new IllegalStateException("%d bytes at %d".formatted(length, offset));
    }
    if (isFailing) {
      throw new IOException("told to fail");
    }
  }

  @Override
  public long sizeBytes() {
    return BYTES;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    check(offset, target.bytes());
    target.fill(0, target.bytes(), (byte) 1);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    check(offset, source.bytes());
  }

  @Override
  public void flush() throws IOException {
    check(0, 0);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    check(offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    check(offset, length);
  }

  @Override
  public void close() {}
}
