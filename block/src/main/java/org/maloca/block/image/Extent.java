package org.maloca.block.image;

/**
 * A piece of a disk.
 *
 * @param offset on the disk, in bytes
 * @param length in bytes
 * @param kind where its bytes come from
 * @param fileOffset where they lie in the image's (data) file, or -1 when they do not lie there as
 *     they are
 * @param isCompressed whether they are there compressed
 */
public record Extent(long offset, long length, Kind kind, long fileOffset, boolean isCompressed) {
  /** Where bytes come from. */
  public enum Kind {
    /** From the image itself. */
    DATA,
    /** Zeros, said to be so by the image. */
    ZERO,
    /** From the backing file; zeros where there is none. */
    UNALLOCATED
  }
}
