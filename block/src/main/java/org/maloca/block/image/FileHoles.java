package org.maloca.block.image;

import java.io.IOException;
import org.maloca.block.file.ImageFile;
import org.maloca.core.backend.BlockBackend;

/**
 * Tells holes of an image's file from its data: where the image's table says only that bytes lie in
 * the file, because it was made with room for all of the disk, the file system knows which of them
 * were ever written.
 *
 * <p>The last range of data is remembered, so that who asks piece by piece has the file system
 * asked once a range. Holes are not: a write may fill them at any time. Safe for several threads.
 */
public final class FileHoles {
  private static final int SECTOR_BYTES = BlockBackend.SECTOR_BYTES;

  private final ImageFile file;
  private volatile Range data = new Range(0, 0);

  private record Range(long start, long end) {}

  /** Looks into a file, which stays its owner's. */
  public FileHoles(ImageFile file) {
    this.file = file;
  }

  /**
   * Looks closer at a piece of the disk that lies in the file as it is: gives as much of it as is
   * data, or as is in a hole and reads as zeros. It ends at a sector.
   *
   * @param position where in the file it lies, in whole sectors
   */
  public Extent lookAt(Extent piece, long position) throws IOException {
    Range known = data;
    if (position < known.start || position >= known.end) {
      long start = file.nextData(position);
      if (start >= file.size()) {
        return cut(piece, Extent.Kind.ZERO, piece.length());
      }
      start = start / SECTOR_BYTES * SECTOR_BYTES;
      if (start > position) {
        return cut(piece, Extent.Kind.ZERO, start - position);
      }
      long end = file.nextHole(position);
      known = new Range(position, (end + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES);
      data = known;
    }
    // A hole that came just now may have left nothing.
    return cut(piece, Extent.Kind.DATA, Math.max(known.end - position, SECTOR_BYTES));
  }

  private static Extent cut(Extent piece, Extent.Kind kind, long length) {
    return new Extent(
        piece.offset(), Math.min(piece.length(), length), kind, piece.fileOffset(), false);
  }
}
