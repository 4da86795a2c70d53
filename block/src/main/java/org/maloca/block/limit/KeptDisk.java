package org.maloca.block.limit;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk that keeps its room on the host: the guest may discard, but nothing comes of it. */
public final class KeptDisk extends ForwardingDisk {
  /** Makes one around {@code disk}, which it owns. */
  public KeptDisk(BlockBackend disk) {
    super(disk);
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    return disk.readAtOnce(offset, target);
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    return disk.writeAtOnce(offset, source);
  }

  @Override
  public void discard(long offset, long length) {
    // A discard promises nothing: the bytes stay as they are.
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    disk.writeZeroes(offset, length, false);
  }
}
