package org.maloca.block.disk;

import java.io.IOException;
import java.util.List;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;

/** Tells where the bytes of a disk come from, through all images of a chain. */
public final class ChainMap {
  private final List<DiskImage> layers;
  private final boolean hasRest;

  private ChainMap(List<DiskImage> layers, boolean hasRest) {
    this.layers = layers;
    this.hasRest = hasRest;
  }

  /** Looks through all images. */
  public static ChainMap of(OpenedDisk disk) {
    return new ChainMap(disk.layers(), false);
  }

  /** Looks through the first few images only; what they do not have is not present. */
  public static ChainMap ofFirst(OpenedDisk disk, int layers) {
    return new ChainMap(disk.layers().subList(0, layers), layers < disk.layers().size());
  }

  /** The piece that begins at {@code offset}, at most {@code length} bytes of it. */
  public ChainExtent at(long offset, long length) throws IOException {
    long rest = length;
    for (int depth = 0; depth < layers.size(); depth++) {
      DiskImage layer = layers.get(depth);
      long inside = layer.sizeBytes() - offset;
      if (inside <= 0) {
        return new ChainExtent(offset, rest, depth, false, true, false, -1, false);
      }
      Extent extent = layer.extentAt(offset, Math.min(rest, inside));
      if (extent.length() <= 0) {
        throw new IOException(layer.name() + ": has a piece of no length at " + offset);
      }
      rest = Math.min(rest, extent.length());
      if (extent.kind() != Extent.Kind.UNALLOCATED) {
        boolean isZero = extent.kind() == Extent.Kind.ZERO;
        return new ChainExtent(
            offset, rest, depth, true, isZero, !isZero, extent.fileOffset(), extent.isCompressed());
      }
    }
    return new ChainExtent(offset, rest, layers.size() - 1, false, !hasRest, false, -1, false);
  }
}
