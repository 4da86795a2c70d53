package org.maloca.block.disk;

/**
 * A piece of a disk, and which image of a chain its bytes come from.
 *
 * @param offset on the disk, in bytes
 * @param length in bytes
 * @param depth the image: 0 is the first; where no image has anything, the last
 * @param isPresent whether that image says something of it, be it zeros
 * @param isZero whether it is known to read as zeros
 * @param isData whether there are bytes in a file
 * @param fileOffset where they are, or -1 when not as they are
 * @param isCompressed whether they are there compressed
 */
public record ChainExtent(
    long offset,
    long length,
    int depth,
    boolean isPresent,
    boolean isZero,
    boolean isData,
    long fileOffset,
    boolean isCompressed) {
  /** Whether it is the same kind of piece as one that ends where this begins. */
  public boolean continues(ChainExtent before) {
    return depth == before.depth
        && isPresent == before.isPresent
        && isZero == before.isZero
        && isData == before.isData
        && isCompressed == before.isCompressed
        && (fileOffset < 0
            ? before.fileOffset < 0
            : before.fileOffset >= 0 && fileOffset == before.fileOffset + before.length);
  }

  /** The piece before and this one as one. */
  public ChainExtent joinedTo(ChainExtent before) {
    return new ChainExtent(
        before.offset,
        before.length + length,
        depth,
        isPresent,
        isZero,
        isData,
        before.fileOffset,
        isCompressed);
  }
}
