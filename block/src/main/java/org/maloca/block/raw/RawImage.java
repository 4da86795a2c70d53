package org.maloca.block.raw;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;
import org.maloca.block.image.FileHoles;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.core.memory.IoVector;

/**
 * A plain image: byte {@code n} of the file is byte {@code n} of the disk. There is no header and
 * no table; holes of the file are the disk's zeros. A file whose length is no multiple of a sector
 * has a last sector that ends in zeros, and becomes longer when that sector is written.
 *
 * <p>Whatever a guest writes, the image stays raw: nothing looks into it.
 */
public final class RawImage implements DiskImage {
  private final ImageFile file;
  private final FileHoles holes;
  private volatile long sizeBytes;
  private volatile @Nullable Runnable sizeListener;

  private RawImage(ImageFile file, long sizeBytes) {
    this.file = file;
    holes = new FileHoles(file);
    this.sizeBytes = sizeBytes;
  }

  /** Shows a file as a disk; the image owns the file from then on. */
  public static RawImage open(ImageFile file) throws IOException {
    return new RawImage(file, roundUp(file.size()));
  }

  /** Makes an empty file a disk of zeros that takes no room. */
  public static RawImage create(ImageFile file, long sizeBytes) throws IOException {
    if (sizeBytes < 0 || sizeBytes > Long.MAX_VALUE - SECTOR_BYTES) {
      throw new IllegalArgumentException("a disk of " + sizeBytes + " bytes");
    }
    file.setSize(roundUp(sizeBytes));
    return open(file);
  }

  private static long roundUp(long bytes) {
    return (bytes + SECTOR_BYTES - 1) & -SECTOR_BYTES;
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.RAW;
  }

  @Override
  public String name() {
    return file.name();
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
    checkRange(offset, target.bytes());
    file.read(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    checkWritable();
    checkRange(offset, source.bytes());
    file.write(offset, source);
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    checkRange(offset, target.bytes());
    return file.readAtOnce(offset, target);
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    checkWritable();
    checkRange(offset, source.bytes());
    return file.writeAtOnce(offset, source);
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    checkWritable();
    checkRange(offset, length);
    file.punchHole(offset, Math.min(length, Math.max(0, file.size() - offset)));
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    checkWritable();
    checkRange(offset, length);
    long inFile = Math.min(length, Math.max(0, file.size() - offset));
    file.punchHole(offset, inFile);
    if (!mayUnmap) {
      file.allocate(offset, inFile);
    }
  }

  @Override
  public void onSizeChange(Runnable listener) {
    sizeListener = listener;
  }

  @Override
  public Extent extentAt(long offset, long length) throws IOException {
    checkRange(offset, length);
    return holes.lookAt(new Extent(offset, length, Extent.Kind.DATA, offset, false), offset);
  }

  @Override
  public void resize(long bytes) throws IOException {
    checkWritable();
    long rounded = roundUp(bytes);
    file.setSize(rounded);
    sizeBytes = rounded;
    Runnable listener = sizeListener;
    if (listener != null) {
      listener.run();
    }
  }

  @Override
  public CheckReport check(Repair repair) {
    return new CheckReport(0, 0, 0, 0, 0, 0, List.of());
  }

  @Override
  public ImageInfo info() throws IOException {
    return new ImageInfo(sizeBytes, file.allocatedBytes(), 0, null, List.of(), Map.of());
  }

  private void checkWritable() throws IOException {
    if (file.isReadOnly()) {
      throw new IOException(name() + ": is read-only");
    }
  }

  private void checkRange(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > sizeBytes - length) {
      throw new IOException(
          "%s: %d bytes at %d are outside the disk of %d"
              .formatted(name(), length, offset, sizeBytes));
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
