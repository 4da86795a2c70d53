package org.maloca.block.vmdk;

import java.io.IOException;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.Extent;
import org.maloca.block.image.FileHoles;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** A piece of the disk that lies in a file as it is. */
final class FlatExtent implements BlockBackend {
  private static final int CHUNK_BYTES = 1 << 16;

  final ImageFile file;
  final long fileOffset;
  private final FileHoles holes;
  private volatile long sizeBytes;

  FlatExtent(ImageFile file, long fileOffset, long sizeBytes) {
    this.file = file;
    this.fileOffset = fileOffset;
    this.sizeBytes = sizeBytes;
    holes = new FileHoles(file);
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return file.isReadOnly();
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    file.read(fileOffset + offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    file.write(fileOffset + offset, source);
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) {
    return file.readAtOnce(fileOffset + offset, target);
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) {
    return file.writeAtOnce(fileOffset + offset, source);
  }

  /**
   * Which part of a piece was written; {@code offset} is where in this extent it begins, in bytes.
   */
  Extent lookAt(Extent piece, long offset) throws IOException {
    return holes.lookAt(piece, fileOffset + offset);
  }

  @Override
  public void flush() throws IOException {
    if (!isReadOnly()) {
      file.flush();
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    file.punchHole(fileOffset + offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    if (mayUnmap) {
      file.punchHole(fileOffset + offset, length);
      return;
    }
    java.nio.ByteBuffer zeros = java.nio.ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (long done = 0; done < length; done += CHUNK_BYTES) {
      file.write(
          fileOffset + offset + done,
          zeros.clear().limit((int) Math.min(CHUNK_BYTES, length - done)));
    }
  }

  /** Makes the file longer; nothing else lies in it. */
  @Override
  public void resize(long bytes) throws IOException {
    if (file.size() < fileOffset + bytes) {
      file.setSize(fileOffset + bytes);
    }
    file.flush();
    sizeBytes = bytes;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      flush();
    }
  }
}
