package org.maloca.devices.virtio;

/** Kinds of ring that a driver can choose. */
public enum RingKind {
  SPLIT(0, false),
  SPLIT_EVENT_INDEX(1L << 29, false),
  SPLIT_INDIRECT(1L << 28, true),
  PACKED(1L << 34, false),
  PACKED_EVENT_INDEX(1L << 34 | 1L << 29, false),
  PACKED_INDIRECT(1L << 34 | 1L << 28 | 1L << 29, true);

  final long features;
  final boolean isIndirect;

  RingKind(long features, boolean isIndirect) {
    this.features = features;
    this.isIndirect = isIndirect;
  }

  boolean isPacked() {
    return (features & 1L << 34) != 0;
  }

  boolean hasEventIndex() {
    return (features & 1L << 29) != 0;
  }
}
