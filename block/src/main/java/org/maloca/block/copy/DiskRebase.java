package org.maloca.block.copy;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;
import org.maloca.core.backend.BlockBackend;

/**
 * Readies an image for another one below it: what it shows from the old one and would not show from
 * the new one is written into it.
 */
public final class DiskRebase {
  private final DiskImage image;
  private final @Nullable BlockBackend before;
  private final @Nullable BlockBackend after;
  private final DiskCopy.Progress progress;

  /**
   * Makes one.
   *
   * @param before the image below, or null for none
   * @param after the one to be, or null for none
   */
  public DiskRebase(
      DiskImage image,
      @Nullable BlockBackend before,
      @Nullable BlockBackend after,
      DiskCopy.Progress progress) {
    this.image = image;
    this.before = before;
    this.after = after;
    this.progress = progress;
  }

  /** Writes the differences; does not flush. */
  public void run() throws IOException {
    long size = image.sizeBytes();
    try (Arena arena = Arena.ofConfined()) {
      CopyBuffer old = new CopyBuffer(arena);
      CopyBuffer fresh = new CopyBuffer(arena);
      for (long at = 0; at < size; ) {
        Extent extent = image.extentAt(at, Math.min(size - at, CopyBuffer.BYTES));
        int length = (int) Math.min(extent.length(), CopyBuffer.BYTES);
        if (extent.kind() == Extent.Kind.UNALLOCATED) {
          old.readOrZeros(before, at, length);
          fresh.readOrZeros(after, at, length);
          writeDifferences(at, length, old, fresh);
        }
        at += length;
        progress.done(at);
      }
    }
  }

  private void writeDifferences(long offset, int length, CopyBuffer old, CopyBuffer fresh)
      throws IOException {
    int unit = CopyOptions.DEFAULT_UNIT_BYTES;
    for (int at = old.firstDifference(fresh, 0, length); at >= 0; ) {
      int start = at / unit * unit;
      int end = Math.min(length, start + unit);
      if (old.isZero(start, end - start)) {
        image.writeZeroes(offset + start, end - start, false);
      } else {
        old.write(image, offset + start, start, end - start);
      }
      at = end == length ? -1 : old.firstDifference(fresh, end, length - end);
    }
  }
}
