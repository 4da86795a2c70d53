package org.maloca.block.vhd;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How to create a disk.
 *
 * @param sizeBytes a multiple of 512
 * @param isFixed whether the file holds the disk as it is
 * @param parent what the disk is a difference to, or null
 */
public record VhdOptions(long sizeBytes, boolean isFixed, @Nullable Parent parent) {
  /**
   * What a child keeps of its parent.
   *
   * @param id {@link VhdImage#id}
   * @param modifiedEpochSeconds when the parent's file was changed last
   */
  public record Parent(
      String relativePath, String absolutePath, UUID id, long modifiedEpochSeconds) {}

  /**
   * The smallest size from one on that is a whole number of cylinders, for readers that believe the
   * geometry alone; the same where no geometry reaches so far.
   */
  public static long coveredByGeometry(long sizeBytes) {
    long sectors = sizeBytes / Footer.BYTES;
    long rounded = sectors;
    while (Geometry.of(rounded).sectors() < sectors && !Geometry.of(rounded).isLargest()) {
      rounded++;
    }
    return Math.max(sectors, Geometry.of(rounded).sectors()) * Footer.BYTES;
  }

  public static VhdOptions dynamic(long sizeBytes) {
    return new VhdOptions(sizeBytes, false, null);
  }
}
