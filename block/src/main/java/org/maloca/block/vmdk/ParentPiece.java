package org.maloca.block.vmdk;

import java.io.IOException;
import org.maloca.block.image.LowerDisk;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** The part of a parent from some byte on, for an extent that is not the first. */
record ParentPiece(BlockBackend parent, long start) implements LowerDisk {
  @Override
  public long sizeBytes() {
    return Math.max(0, parent.sizeBytes() - start);
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    parent.read(start + offset, target);
  }

  @Override
  public IOException refusal() {
    return new IOException("a parent is not written");
  }
}
