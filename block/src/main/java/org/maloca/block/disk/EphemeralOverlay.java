package org.maloca.block.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * A disk whose changes go to a temporary sparse file, and are gone when it is closed: the disk
 * below is only read. The file has no name from the start (where the host can do that), so that it
 * goes away however the process ends.
 *
 * <p>Byte {@code n} of the disk is byte {@code n} of the file, in clusters of 4 KiB that are in the
 * file or not. A cluster is copied from below when a part of it is written first. Flushes do
 * nothing: there is nothing to be kept.
 *
 * <p>Safe for several threads.
 */
public final class EphemeralOverlay implements BlockBackend {
  private static final int CLUSTER_BYTES = 4096;

  /** Beyond, the index alone would be too large. */
  private static final long MAX_BYTES = 1L << 50;

  private final BlockBackend base;
  private final ImageFile file;
  private final long sizeBytes;
  private final ClusterBits present;
  private final ThreadLocal<IoVector> slices = ThreadLocal.withInitial(IoVector::new);
  private final ReentrantLock allocation = new ReentrantLock();
  private final Arena arena = Arena.ofShared();

  /** One cluster, used under {@link #allocation}. */
  private final long scratch;

  private final IoVector scratchVector = new IoVector();

  private EphemeralOverlay(BlockBackend base, ImageFile file) {
    this.base = base;
    this.file = file;
    sizeBytes = base.sizeBytes();
    present = new ClusterBits((sizeBytes + CLUSTER_BYTES - 1) / CLUSTER_BYTES);
    scratch = arena.allocate(CLUSTER_BYTES, CLUSTER_BYTES).address();
  }

  /**
   * Puts one over a disk, which it owns.
   *
   * @param folder where the temporary file is to be, with room for all that the guest changes
   */
  public static EphemeralOverlay over(BlockBackend base, Path folder) throws IOException {
    if (base.sizeBytes() > MAX_BYTES) {
      throw new IOException("a disk of over 1 PiB cannot have a temporary overlay");
    }
    Path path = Files.createTempFile(folder, "maloca-", ".overlay");
    try {
      ImageFile file = HostFile.open(path, HostFile.Option.NEVER_FLUSH, HostFile.Option.UNLOCKED);
      return new EphemeralOverlay(base, file);
    } finally {
      deleteNow(path);
    }
  }

  /** Where an open file cannot be deleted, it is when the JVM ends. */
  private static void deleteNow(Path path) {
    try {
      Files.delete(path);
    } catch (IOException inUse) {
      path.toFile().deleteOnExit();
    }
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    long total = target.bytes();
    checkRange(offset, total);
    for (long done = 0; done < total; ) {
      long at = offset + done;
      boolean isHere = present.get(at / CLUSTER_BYTES);
      long length = run(at, offset + total, isHere) - at;
      IoVector part = slice(target, done, length);
      if (isHere) {
        file.read(at, part);
      } else {
        base.read(at, part);
      }
      done += length;
    }
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    long total = target.bytes();
    checkRange(offset, total);
    boolean isHere = present.get(offset / CLUSTER_BYTES);
    return run(offset, offset + total, isHere) == offset + total
        && (isHere ? file.readAtOnce(offset, target) : base.readAtOnce(offset, target));
  }

  /** Where the clusters that are all here, or all not, end. */
  private long run(long from, long end, boolean isHere) {
    long cluster = from / CLUSTER_BYTES + 1;
    while (cluster * CLUSTER_BYTES < end && present.get(cluster) == isHere) {
      cluster++;
    }
    return Math.min(end, cluster * CLUSTER_BYTES);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    long total = source.bytes();
    checkRange(offset, total);
    if (isAllHere(offset, total)) {
      file.write(offset, source);
      return;
    }
    allocation.lock();
    try {
      copyEdges(offset, total);
      file.write(offset, source);
      setPresent(offset, total);
    } finally {
      allocation.unlock();
    }
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    long total = source.bytes();
    checkRange(offset, total);
    if (isAllHere(offset, total)) {
      return file.writeAtOnce(offset, source);
    }
    if ((offset | total) % CLUSTER_BYTES != 0 || !allocation.tryLock()) {
      return false;
    }
    try {
      boolean isDone = file.writeAtOnce(offset, source);
      if (isDone) {
        setPresent(offset, total);
      }
      return isDone;
    } finally {
      allocation.unlock();
    }
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    checkRange(offset, length);
    allocation.lock();
    try {
      copyEdges(offset, length);
      punch(offset, length);
      setPresent(offset, length);
    } finally {
      allocation.unlock();
    }
  }

  /** Frees what the file has; what is below, a guest may as well read again. */
  @Override
  public void discard(long offset, long length) throws IOException {
    checkRange(offset, length);
    for (long at = offset; at < offset + length; ) {
      boolean isHere = present.get(at / CLUSTER_BYTES);
      long end = run(at, offset + length, isHere);
      if (isHere) {
        punch(at, end - at);
      }
      at = end;
    }
  }

  private void punch(long offset, long length) throws IOException {
    long inFile = Math.min(length, file.size() - offset);
    if (inFile > 0) {
      file.punchHole(offset, inFile);
    }
  }

  private boolean isAllHere(long offset, long length) {
    return length == 0
        || (present.get(offset / CLUSTER_BYTES)
            && run(offset, offset + length, true) == offset + length);
  }

  private void copyEdges(long offset, long length) throws IOException {
    long end = offset + length;
    if (offset % CLUSTER_BYTES != 0) {
      copyUp(offset / CLUSTER_BYTES);
    }
    if (end % CLUSTER_BYTES != 0 && end < sizeBytes) {
      copyUp(end / CLUSTER_BYTES);
    }
  }

  private void copyUp(long cluster) throws IOException {
    if (present.get(cluster)) {
      return;
    }
    long start = cluster * CLUSTER_BYTES;
    scratchVector.clear();
    scratchVector.add(scratch, Math.min(CLUSTER_BYTES, sizeBytes - start));
    base.read(start, scratchVector);
    file.write(start, scratchVector);
    present.set(cluster);
  }

  private void setPresent(long offset, long length) {
    for (long cluster = offset / CLUSTER_BYTES;
        cluster * CLUSTER_BYTES < offset + length;
        cluster++) {
      if (!present.get(cluster)) {
        present.set(cluster);
      }
    }
  }

  private IoVector slice(IoVector whole, long offset, long length) {
    if (length == whole.bytes()) {
      return whole;
    }
    IoVector slice = slices.get();
    slice.setSlice(whole, offset, length);
    return slice;
  }

  private void checkRange(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > sizeBytes - length) {
      throw new IOException(
          "%d bytes at %d are outside the disk of %d".formatted(length, offset, sizeBytes));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() throws IOException {
    try (base) {
      file.close();
    } finally {
      arena.close();
    }
  }
}
