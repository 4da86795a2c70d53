package org.maloca.block.vdi;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How to create a disk.
 *
 * @param sizeBytes a multiple of 512
 * @param isFixed whether all blocks are there from the start
 * @param parent what the disk is a difference to, or null
 */
public record VdiOptions(long sizeBytes, boolean isFixed, @Nullable Parent parent) {
  /** The parent's identity and state: {@link VdiImage#id} and {@link VdiImage#modification}. */
  public record Parent(UUID id, UUID modification) {}

  public static VdiOptions dynamic(long sizeBytes) {
    return new VdiOptions(sizeBytes, false, null);
  }
}
