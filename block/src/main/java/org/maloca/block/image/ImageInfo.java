package org.maloca.block.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What there is to tell of an image.
 *
 * @param virtualBytes size of the disk
 * @param fileBytes room that its files take on the host
 * @param clusterBytes unit of allocation, 0 when there is none
 * @param backing what the image says of its backing file, or null
 * @param snapshots inside the image
 * @param details of the format, name to value (texts, numbers, booleans), in an order to print
 */
public record ImageInfo(
    long virtualBytes,
    long fileBytes,
    int clusterBytes,
    @Nullable Backing backing,
    List<Snapshot> snapshots,
    Map<String, Object> details) {
  public ImageInfo {
    snapshots = List.copyOf(snapshots);
    details = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(details));
  }

  /** The file that an image is a difference to; the format may be unsaid. */
  public record Backing(String file, @Nullable ImageFormat format) {}

  /**
   * A snapshot inside an image.
   *
   * @param vmStateBytes saved state of the machine's memory that belongs to it
   * @param epochSeconds when it was taken
   * @param clockNanos guest time at that moment
   */
  public record Snapshot(
      String id, String name, long vmStateBytes, long epochSeconds, long clockNanos, long bytes) {}
}
