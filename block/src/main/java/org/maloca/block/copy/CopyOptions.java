package org.maloca.block.copy;

import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;

/**
 * How a disk is copied.
 *
 * @param isTargetZero whether the target reads as zeros before
 * @param below what the target shows before anything is written, when it is a difference to that:
 *     only what differs from it is written; else null
 * @param skipsZeros whether data is searched for zeros
 * @param unitBytes zeros (or what is as below) are left out by pieces of so many bytes
 * @param threads that copy
 */
public record CopyOptions(
    boolean isTargetZero,
    @Nullable BlockBackend below,
    boolean skipsZeros,
    int unitBytes,
    int threads) {
  /** What is looked for when nobody says. */
  public static final int DEFAULT_UNIT_BYTES = 4096;

  public CopyOptions {
    if (unitBytes < BlockBackend.SECTOR_BYTES
        || unitBytes > CopyBuffer.BYTES
        || Integer.bitCount(unitBytes) != 1) {
      throw new IllegalArgumentException("a piece is a power of two from 512 to 2 MiB");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("nobody copies");
    }
  }

  /** As many threads as are of use for copying that costs little but waiting. */
  public static int defaultThreads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
  }
}
