package org.maloca.devices.virtio.ninep;

import java.nio.file.Path;

/**
 * A folder of the host that a guest may use.
 *
 * @param folder the folder
 * @param isReadOnly whether every change is refused
 * @param limits what the guest may make the host keep
 * @param owner number of the guest's user and group that files of the user and the group of this
 *     process belong to, or {@link #AS_ON_HOST}
 */
public record NinepConfig(Path folder, boolean isReadOnly, Limits limits, int owner) {
  /** To the guest files belong to whom they belong to on the host. */
  public static final int AS_ON_HOST = -1;

  /** With the owners of the host. */
  public NinepConfig(Path folder, boolean isReadOnly, Limits limits) {
    this(folder, isReadOnly, limits, AS_ON_HOST);
  }

  /** With the usual limits. */
  public NinepConfig(Path folder, boolean isReadOnly) {
    this(folder, isReadOnly, Limits.USUAL);
  }

  /**
   * What the guest may make the host keep.
   *
   * @param fids the guest's handles of files
   * @param files file descriptors of the host; less where half of what the process may open is less
   * @param locks byte ranges locked
   * @param attributeBytes of extended attributes that are being read or written
   */
  public record Limits(int fids, int files, int locks, int attributeBytes) {
    /** Enough for a build with hundreds of jobs. */
    public static final Limits USUAL = new Limits(262_144, 32_768, 4096, 1 << 20);

    public Limits {
      if (fids < 1 || files < 1 || locks < 0 || attributeBytes < 0) {
        throw new IllegalArgumentException(
            "limits of a shared folder: %d %d %d %d".formatted(fids, files, locks, attributeBytes));
      }
    }
  }
}
