package org.maloca.block.vmdk;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** The part of a parent from some byte on, for an extent that is not the first. */
record ParentPiece(BlockBackend parent, long start) implements BlockBackend {
  @Override
  public long sizeBytes() {
    return Math.max(0, parent.sizeBytes() - start);
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    parent.read(start + offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    throw new IOException("a parent is not written");
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    throw new IOException("a parent is not written");
  }

  @Override
  public void close() {}
}
