package org.maloca.block.disk;

import java.io.IOException;
import org.maloca.block.image.LowerDisk;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A disk to read that stays its owner's: closing this one does not close it. */
record LentDisk(BlockBackend disk) implements LowerDisk {
  @Override
  public long sizeBytes() {
    return disk.sizeBytes();
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    disk.read(offset, target);
  }

  @Override
  public IOException refusal() {
    return new IOException("an image below another is not written");
  }
}
