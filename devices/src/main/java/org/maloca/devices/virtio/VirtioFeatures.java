package org.maloca.devices.virtio;

/** Feature bits that are not of one device type (virtio 1.2, section 6). */
public final class VirtioFeatures {
  /**
   * Of before 1.0: requests may be laid out as the driver likes, which later is a matter of course.
   */
  static final long ANY_LAYOUT = 1L << 27;

  public static final long INDIRECT_DESC = 1L << 28;
  public static final long EVENT_IDX = 1L << 29;
  public static final long VERSION_1 = 1L << 32;
  public static final long RING_PACKED = 1L << 34;
  public static final long RING_RESET = 1L << 40;

  /** What every device offers; packed rings only where they are asked for. */
  static final long COMMON = INDIRECT_DESC | EVENT_IDX | VERSION_1 | RING_RESET;

  private VirtioFeatures() {}
}
