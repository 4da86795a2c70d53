package org.maloca.block.disk;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** Stands for the image below one that is looked at alone, which may not even be there. */
record UnopenedDisk(String imageName) implements BlockBackend {
  /** Larger than any disk. */
  @Override
  public long sizeBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    throw failure();
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    throw failure();
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    throw failure();
  }

  private IOException failure() {
    return new IOException(imageName + ": the image below was not opened");
  }

  @Override
  public void close() {}
}
