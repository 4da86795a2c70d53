package org.maloca.block.disk;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk to read that stays its owner's: closing this one does not close it. */
record LentDisk(BlockBackend disk) implements BlockBackend {
  @Override
  public long sizeBytes() {
    return disk.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    disk.read(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    throw new IOException("an image below another is not written");
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    throw new IOException("an image below another is not written");
  }

  @Override
  public void close() {}
}
