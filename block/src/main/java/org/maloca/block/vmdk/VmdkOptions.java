package org.maloca.block.vmdk;

import org.jspecify.annotations.Nullable;

/**
 * How to create a disk.
 *
 * @param sizeBytes a multiple of 512
 * @param kind how it is laid out
 * @param hasZeroGrains whether grains can be said to be zeros (needs version 2; older readers
 *     refuse)
 * @param parent what the disk is a difference to, or null; only sparse kinds can be
 */
public record VmdkOptions(
    long sizeBytes, VmdkKind kind, boolean hasZeroGrains, @Nullable Parent parent) {
  /** The parent's place, as the child shall say it, and its content identity. */
  public record Parent(String hint, long contentId) {}

  public static VmdkOptions of(long sizeBytes, VmdkKind kind) {
    return new VmdkOptions(sizeBytes, kind, false, null);
  }
}
