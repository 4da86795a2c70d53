package org.maloca.block.vmdk;

import java.util.Optional;

/** The ways a disk is laid out in files ({@code createType} in the descriptor). */
public enum VmdkKind {
  MONOLITHIC_SPARSE("monolithicSparse"),
  MONOLITHIC_FLAT("monolithicFlat"),
  TWO_GB_SPARSE("twoGbMaxExtentSparse"),
  TWO_GB_FLAT("twoGbMaxExtentFlat"),
  STREAM_OPTIMIZED("streamOptimized");

  private final String createType;

  VmdkKind(String createType) {
    this.createType = createType;
  }

  /** The name in descriptors and options. */
  public String createType() {
    return createType;
  }

  boolean isFlat() {
    return this == MONOLITHIC_FLAT || this == TWO_GB_FLAT;
  }

  boolean isSplit() {
    return this == TWO_GB_SPARSE || this == TWO_GB_FLAT;
  }

  /** The kind of a name, whatever its case. */
  public static Optional<VmdkKind> named(String createType) {
    for (VmdkKind kind : values()) {
      if (kind.createType.equalsIgnoreCase(createType)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
