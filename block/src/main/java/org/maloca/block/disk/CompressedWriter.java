package org.maloca.block.disk;

import java.io.IOException;
import org.maloca.block.image.DiskImage;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * Fills a new image with compressed clusters. Writes are of whole clusters, but for the disk's end.
 *
 * <p>Safe for several threads, each of which compresses what it writes.
 */
public final class CompressedWriter implements BlockBackend {
  private final Qcow2Image image;
  private final ThreadLocal<byte[]> clusters;

  private CompressedWriter(Qcow2Image image) {
    this.image = image;
    int clusterBytes = image.header().clusterBytes();
    clusters = ThreadLocal.withInitial(() -> new byte[clusterBytes]);
  }

  /**
   * What to write through to have an image compressed; for formats that always are, the image.
   * Closing it does not close the image.
   */
  public static BlockBackend of(DiskImage image) {
    return image instanceof Qcow2Image qcow2 ? new CompressedWriter(qcow2) : image;
  }

  @Override
  public long sizeBytes() {
    return image.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return image.isReadOnly();
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    image.read(offset, target);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    byte[] cluster = clusters.get();
    long total = source.bytes();
    for (long done = 0; done < total; done += cluster.length) {
      int length = (int) Math.min(cluster.length, total - done);
      source.copyTo(done, cluster, 0, length);
      java.util.Arrays.fill(cluster, length, cluster.length, (byte) 0);
      image.writeCompressed(offset + done, cluster);
    }
  }

  @Override
  public void flush() throws IOException {
    image.flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    image.discard(offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    image.writeZeroes(offset, length, mayUnmap);
  }

  @Override
  public void close() {}
}
