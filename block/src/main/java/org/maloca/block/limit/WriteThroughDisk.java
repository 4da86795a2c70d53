package org.maloca.block.limit;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk whose writes are durable when they return ({@link CacheMode#WRITETHROUGH}). */
public final class WriteThroughDisk extends ForwardingDisk {
  /** Makes one around {@code disk}, which it owns. */
  public WriteThroughDisk(BlockBackend disk) {
    super(disk);
  }

  @Override
  public boolean isWriteThrough() {
    return true;
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    return disk.readAtOnce(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    disk.write(offset, source);
    disk.flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    disk.discard(offset, length);
    disk.flush();
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    disk.writeZeroes(offset, length, mayUnmap);
    disk.flush();
  }
}
