package org.maloca.block.vhdx;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How to create a disk.
 *
 * @param sizeBytes a multiple of 512
 * @param blockBytes a power of two from 1 MiB to 256 MiB, or 0 for what suits the size
 * @param logBytes a multiple of 1 MiB, at most 64 MiB
 * @param isFixed whether all blocks are there from the start
 * @param parent what the disk is a difference to, or null
 */
public record VhdxOptions(
    long sizeBytes, int blockBytes, int logBytes, boolean isFixed, @Nullable Parent parent) {
  public static final int USUAL_LOG_BYTES = 1 << 20;

  /** The parent's paths, as the child shall say them, and what its content is known by. */
  public record Parent(String relativePath, String absolutePath, UUID contentId) {}

  public static VhdxOptions dynamic(long sizeBytes) {
    return new VhdxOptions(sizeBytes, 0, USUAL_LOG_BYTES, false, null);
  }
}
