package org.maloca.block.vmdk;

import org.jspecify.annotations.Nullable;

/**
 * How to create a disk.
 *
 * @param sizeBytes a multiple of 512
 * @param kind how it is laid out
 * @param hasZeroGrains whether grains can be said to be zeros (needs version 2; older readers
 *     refuse)
 * @param hardware of the machine that the disk is for
 * @param parent what the disk is a difference to, or null; only sparse kinds can be
 */
public record VmdkOptions(
    long sizeBytes,
    VmdkKind kind,
    boolean hasZeroGrains,
    Hardware hardware,
    @Nullable Parent parent) {
  /** What the disk data base says of the machine. Who shows the disk need not heed it. */
  public record Hardware(Adapter adapter, int version) {
    /** An IDE disk of the oldest machines that there still are. */
    public static final Hardware USUAL = new Hardware(Adapter.IDE, 4);

    public Hardware {
      if (version < 1) {
        throw new IllegalArgumentException("a version of virtual hardware is 1 or more");
      }
    }
  }

  /** The controller, which decides how many heads and sectors the disk seems to have. */
  public enum Adapter {
    IDE("ide", 16),
    BUSLOGIC("buslogic", 255),
    LSILOGIC("lsilogic", 255),
    LEGACY_ESX("legacyESX", 255);

    private final String word;
    private final int heads;

    Adapter(String word, int heads) {
      this.word = word;
      this.heads = heads;
    }

    /** As the disk data base says it. */
    public String word() {
      return word;
    }

    int heads() {
      return heads;
    }
  }

  /** The parent's place, as the child shall say it, and its content identity. */
  public record Parent(String hint, long contentId) {}

  public static VmdkOptions of(long sizeBytes, VmdkKind kind) {
    return new VmdkOptions(sizeBytes, kind, false, Hardware.USUAL, null);
  }
}
