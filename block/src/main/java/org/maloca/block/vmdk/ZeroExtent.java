package org.maloca.block.vmdk;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A piece of the disk that is zeros and has no file; it cannot be written. */
record ZeroExtent(long sizeBytes) implements BlockBackend {
  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, IoVector target) {
    target.fill(0, target.bytes(), (byte) 0);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    throw new IOException("a ZERO extent cannot be written");
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) {}

  @Override
  public void close() {}
}
