package org.maloca.block.disk;

import java.io.IOException;
import org.maloca.block.image.LowerDisk;
import org.maloca.core.memory.IoVector;

/** Stands for the image below one that is looked at alone, which may not even be there. */
record UnopenedDisk(String imageName) implements LowerDisk {
  /** Larger than any disk. */
  @Override
  public long sizeBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    throw refusal();
  }

  @Override
  public IOException refusal() {
    return new IOException(imageName + ": the image below was not opened");
  }
}
