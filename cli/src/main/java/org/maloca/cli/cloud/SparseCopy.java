package org.maloca.cli.cloud;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;

/** Copies a file with its holes: most of a raw image is one. */
final class SparseCopy {
  private static final int CHUNK_BYTES = 1 << 20;

  private SparseCopy() {}

  /**
   * Copies a file that nobody writes to meanwhile.
   *
   * @param target an empty file
   * @throws org.maloca.block.file.ImageInUseException when a machine writes to the source
   */
  static void copy(Path source, Path target) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (ImageFile from = HostFile.open(source, HostFile.Option.READ_ONLY);
        ImageFile to = HostFile.open(target)) {
      long end = from.size();
      to.setSize(end);
      long at = from.nextData(0);
      while (at < end) {
        long hole = Math.min(end, from.nextHole(at));
        while (at < hole) {
          chunk.clear().limit((int) Math.min(CHUNK_BYTES, hole - at));
          from.read(at, chunk);
          chunk.flip();
          to.write(at, chunk);
          at += chunk.limit();
        }
        at = at < end ? from.nextData(at) : end;
      }
    }
  }
}
