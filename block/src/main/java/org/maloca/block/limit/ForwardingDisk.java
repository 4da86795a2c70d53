package org.maloca.block.limit;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * A disk that hands every request on to another, for those that do something about it; but for what
 * is done at once, which each of them has to allow.
 */
public abstract class ForwardingDisk implements BlockBackend {
  protected final BlockBackend disk;

  /** Owns the disk. */
  protected ForwardingDisk(BlockBackend disk) {
    this.disk = disk;
  }

  @Override
  public long sizeBytes() {
    return disk.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return disk.isReadOnly();
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    disk.read(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    disk.write(offset, source);
  }

  @Override
  public void flush() throws IOException {
    disk.flush();
  }

  @Override
  public boolean isWriteThrough() {
    return disk.isWriteThrough();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    disk.discard(offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    disk.writeZeroes(offset, length, mayUnmap);
  }

  @Override
  public int preferredBytes() {
    return disk.preferredBytes();
  }

  @Override
  public void resize(long bytes) throws IOException {
    disk.resize(bytes);
  }

  @Override
  public void onSizeChange(Runnable listener) {
    disk.onSizeChange(listener);
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
