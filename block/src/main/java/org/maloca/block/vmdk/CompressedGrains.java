package org.maloca.block.vmdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;

/**
 * One grain of a compressed extent in memory, and the way it gets there: a marker (the grain's
 * first sector on the disk, 8 bytes, and the number of bytes that follow, 4) and a zlib stream (RFC
 * 1950). Inflating stops at the grain's size, whatever the stream would like to be. Not
 * thread-safe.
 */
final class CompressedGrains {
  static final int MARKER_BYTES = 12;

  private final ImageFile file;
  private final int grainBytes;
  private final ByteBuffer packed;
  private final byte[] grain;
  private final byte[] excess = new byte[1];
  private final Inflater inflater = new Inflater();
  private final Deflater deflater = new Deflater(6);

  CompressedGrains(ImageFile file, int grainBytes) {
    this.file = file;
    this.grainBytes = grainBytes;
    packed = ByteBuffer.allocate(MARKER_BYTES + 2 * grainBytes).order(ByteOrder.LITTLE_ENDIAN);
    grain = new byte[grainBytes];
  }

  /** The bytes of the grain that was read last. */
  byte[] grain() {
    return grain;
  }

  /**
   * Reads the grain that is at {@code position} in the file and {@code sector} on the disk.
   *
   * @param diskBytes how much of it the disk has: all but of the last grain
   */
  void read(long position, long sector, int diskBytes) throws IOException {
    file.read(position, packed.clear().limit(MARKER_BYTES));
    int bytes = packed.getInt(8);
    if (packed.getLong(0) != sector || bytes <= 0 || bytes > 2 * grainBytes) {
      throw new CorruptImageException(
          file.name(),
          position,
          "the marker of the compressed grain of sector %d is wrong: sector %d, %d bytes"
              .formatted(sector, packed.getLong(0), bytes));
    }
    file.read(position + MARKER_BYTES, packed.clear().limit(bytes));
    inflater.reset();
    inflater.setInput(packed.array(), 0, bytes);
    int length;
    try {
      length = inflate(grain);
      if (length == grainBytes && inflate(excess) != 0) {
        throw new CorruptImageException(
            file.name(), position, "the compressed grain has more than %d bytes".formatted(length));
      }
    } catch (DataFormatException e) {
      throw new CorruptImageException(
          file.name(), position, "the compressed grain cannot be unpacked: " + e.getMessage());
    }
    if (!inflater.finished()) {
      throw new CorruptImageException(
          file.name(),
          position,
          "the compressed grain is cut off after %d bytes".formatted(length));
    }
    if (length < diskBytes) {
      throw new CorruptImageException(
          file.name(),
          position,
          "the compressed grain ends after %d bytes of %d".formatted(length, diskBytes));
    }
    java.util.Arrays.fill(grain, length, grainBytes, (byte) 0);
  }

  private int inflate(byte[] target) throws DataFormatException {
    int length = 0;
    while (length < target.length) {
      int more = inflater.inflate(target, length, target.length - length);
      if (more == 0) {
        break;
      }
      length += more;
    }
    return length;
  }

  /** Packs the grain, with its marker, and shows the bytes, which fill whole sectors. */
  ByteBuffer pack(long sector) {
    deflater.reset();
    deflater.setInput(grain);
    deflater.finish();
    int bytes = deflater.deflate(packed.array(), MARKER_BYTES, 2 * grainBytes);
    packed.clear().putLong(0, sector).putInt(8, bytes);
    int end = MARKER_BYTES + bytes;
    int padded = (end + SparseHeader.SECTOR - 1) / SparseHeader.SECTOR * SparseHeader.SECTOR;
    java.util.Arrays.fill(packed.array(), end, Math.min(padded, packed.capacity()), (byte) 0);
    return packed.clear().limit(Math.min(padded, packed.capacity()));
  }

  void close() {
    inflater.end();
    deflater.end();
  }
}
