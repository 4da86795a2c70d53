package org.maloca.block.copy;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.maloca.block.disk.ChainExtent;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.core.backend.BlockBackend;

/** Compares what two disks show. */
public final class DiskComparison {
  /** They are the same. */
  public static final long SAME = -1;

  private final OpenedDisk first;
  private final OpenedDisk second;
  private final DiskCopy.Progress progress;

  public DiskComparison(OpenedDisk first, OpenedDisk second, DiskCopy.Progress progress) {
    this.first = first;
    this.second = second;
    this.progress = progress;
  }

  /**
   * Compares them; where one is longer, the rest of it is compared with zeros.
   *
   * @return the offset of the first sector that differs, or {@link #SAME}
   */
  public long run() throws IOException {
    ChainMap firstMap = ChainMap.of(first);
    ChainMap secondMap = ChainMap.of(second);
    long size = Math.max(first.image().sizeBytes(), second.image().sizeBytes());
    try (Arena arena = Arena.ofConfined()) {
      CopyBuffer left = new CopyBuffer(arena);
      CopyBuffer right = new CopyBuffer(arena);
      for (long at = 0; at < size; ) {
        ChainExtent one = firstMap.at(at, size - at);
        ChainExtent other = secondMap.at(at, size - at);
        long length = Math.min(one.length(), other.length());
        if (!one.isZero() || !other.isZero()) {
          // Large pieces of both, whatever they are made of, are read at once.
          length = Math.min(size - at, CopyBuffer.BYTES - at % CopyBuffer.BYTES);
          left.readOrZeros(first.image(), at, (int) length);
          right.readOrZeros(second.image(), at, (int) length);
          int difference = left.firstDifference(right, 0, (int) length);
          if (difference >= 0) {
            return at + (long) (difference / BlockBackend.SECTOR_BYTES) * BlockBackend.SECTOR_BYTES;
          }
        }
        at += length;
        progress.done(at);
      }
    }
    return SAME;
  }
}
