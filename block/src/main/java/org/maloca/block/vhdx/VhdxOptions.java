package org.maloca.block.vhdx;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How to create a disk.
 *
 * @param sizeBytes a multiple of 512
 * @param blockBytes a power of two from 1 MiB to 256 MiB, or 0 for what suits the size
 * @param isFixed whether all blocks are there from the start
 * @param parent what the disk is a difference to, or null
 */
public record VhdxOptions(
    long sizeBytes, int blockBytes, boolean isFixed, @Nullable Parent parent) {
  /** The parent's paths, as the child shall say them, and what its content is known by. */
  public record Parent(String relativePath, String absolutePath, UUID contentId) {}

  public static VhdxOptions dynamic(long sizeBytes) {
    return new VhdxOptions(sizeBytes, 0, false, null);
  }
}
