package org.maloca.fuzz.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import java.util.List;
import java.util.NoSuchElementException;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.image.Extent;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.core.memory.IoVector;

/**
 * Does to an open image what operations of two bytes say: the first one what, the second one where
 * and how much. An {@link IOException} refuses, which is always right; what counts as wrong:
 *
 * <ul>
 *   <li>any other exception, save that a format says it cannot do something;
 *   <li>a sector that does not read as it was written, in an image that checks clean;
 *   <li>findings that are still there after a repair that left none.
 * </ul>
 */
final class ImageUse implements AutoCloseable {
  static final byte READ = 0;
  static final byte WRITE = 1;
  static final byte ZERO = 2;
  static final byte ZERO_UNMAP = 3;
  static final byte DISCARD = 4;
  static final byte FLUSH = 5;
  static final byte RESIZE = 6;
  static final byte CHECK = 7;
  static final byte REPAIR_LEAKS = 8;
  static final byte REPAIR = 9;
  static final byte SNAPSHOT = 10;
  static final byte APPLY = 11;
  static final byte DELETE = 12;
  static final byte WALK = 13;
  static final byte COMPRESSED = 14;
  static final byte INFO = 15;

  private static final int SECTOR_BYTES = 512;
  private static final int MAX_TRANSFER_BYTES = 1 << 20;
  private static final int MAX_EXTENTS = 2000;
  private static final long MAX_DISK_BYTES = 1L << 40;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(MAX_TRANSFER_BYTES, 4096);
  private final IoVector vector = new IoVector();
  private long done;

  private interface Operation {
    void run() throws IOException;
  }

  /** Number of operations that were not refused since this was made. */
  long done() {
    return done;
  }

  /** Does the operations; looks whether the image is clean before. */
  boolean run(DiskImage image, byte[] operations) {
    boolean[] isClean = new boolean[1];
    attempt(() -> isClean[0] = image.check(Repair.NOTHING).isClean());
    for (int i = 0; i + 1 < operations.length; i += 2) {
      int what = operations[i] & 15;
      int where = operations[i + 1] & 0xff;
      attempt(() -> operate(image, what, where, isClean[0]));
    }
    return isClean[0];
  }

  private void attempt(Operation operation) {
    try {
      operation.run();
      done++;
    } catch (IOException | UnsupportedOperationException refused) {
      // As it should be.
    }
  }

  private void operate(DiskImage image, int what, int where, boolean isClean) throws IOException {
    switch (what) {
      case READ -> transfer(image, where, false);
      case WRITE -> {
        transfer(image, where, true);
        if (isClean) {
          checkWritten(image, where);
        }
      }
      case ZERO, ZERO_UNMAP -> {
        long length = length(image, where);
        image.writeZeroes(place(image, where, length), length, what == ZERO_UNMAP);
      }
      case DISCARD -> {
        long length = length(image, where);
        image.discard(place(image, where, length), length);
      }
      case FLUSH -> image.flush();
      case RESIZE -> resize(image, where);
      case CHECK -> image.check(Repair.NOTHING);
      case REPAIR_LEAKS -> image.check(Repair.LEAKS);
      case REPAIR -> repair(image);
      case SNAPSHOT, APPLY, DELETE, COMPRESSED -> {
        if (image instanceof Qcow2Image qcow2) {
          operate(qcow2, what, where);
        }
      }
      case WALK -> walk(image);
      default -> {
        ImageInfo info = image.info();
        if (info.virtualBytes() != image.sizeBytes()) {
          throw new IllegalStateException("two sizes: " + info);
        }
      }
    }
  }

  private static void operate(Qcow2Image image, int what, int where) throws IOException {
    try {
      List<ImageInfo.Snapshot> snapshots = image.snapshots();
      String id = snapshots.isEmpty() ? "1" : snapshots.get(where % snapshots.size()).id();
      switch (what) {
        case SNAPSHOT -> {
          if (snapshots.size() < 20) {
            image.createSnapshot("s" + where, Clock.systemUTC());
          }
        }
        case APPLY -> image.applySnapshot(id);
        case DELETE -> image.deleteSnapshot(id);
        default -> {
          int clusterBytes = image.info().clusterBytes();
          long at = Math.max(0, place(image, where, clusterBytes) / clusterBytes * clusterBytes);
          byte[] cluster = new byte[clusterBytes];
          cluster[where] = 1;
          if (at < image.sizeBytes()) {
            image.writeCompressed(at, cluster);
          }
        }
      }
    } catch (NoSuchElementException unknown) {
      // Says so for an id that is not there, or is not unique.
    }
  }

  private static void resize(DiskImage image, int where) throws IOException {
    long now = image.sizeBytes();
    long wanted =
        switch (where >> 6) {
          case 0 -> (where & 63) * 65536L;
          case 1 -> now + (where & 63) * (long) SECTOR_BYTES;
          case 2 -> now - (where & 63) * (long) SECTOR_BYTES;
          default -> now / 2 / SECTOR_BYTES * SECTOR_BYTES;
        };
    if (wanted >= 0 && wanted < MAX_DISK_BYTES) {
      image.resize(wanted);
    }
  }

  private static void repair(DiskImage image) throws IOException {
    if (image.check(Repair.ALL).isClean()) {
      CheckReport after = image.check(Repair.NOTHING);
      if (!after.isClean()) {
        throw new IllegalStateException("repaired, but: " + after.messages());
      }
    }
  }

  private static void walk(DiskImage image) throws IOException {
    long at = 0;
    long size = image.sizeBytes();
    for (int i = 0; i < MAX_EXTENTS && at < size; i++) {
      Extent extent = image.extentAt(at, size - at);
      if (extent.length() <= 0 || extent.length() > size - at || extent.offset() != at) {
        throw new IllegalStateException("at %d of %d: %s".formatted(at, size, extent));
      }
      at += extent.length();
    }
  }

  private void transfer(DiskImage image, int where, boolean isWrite) throws IOException {
    long length = length(image, where);
    long offset = place(image, where, length);
    vector.clear();
    vector.add(memory.address(), length);
    if (isWrite) {
      memory.asSlice(0, length).fill((byte) (where | 1));
      image.write(offset, vector);
    } else {
      image.read(offset, vector);
    }
  }

  private void checkWritten(DiskImage image, int where) throws IOException {
    long length = length(image, where);
    memory.asSlice(0, length).fill((byte) 0);
    image.read(place(image, where, length), vector);
    for (long i = 0; i < length; i += SECTOR_BYTES / 2) {
      if (memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) != (byte) (where | 1)) {
        throw new IllegalStateException("byte %d of what was written is lost".formatted(i));
      }
    }
  }

  /** 512 bytes to 64 KiB, by the upper three bits. */
  private static long length(DiskImage image, int where) {
    return Math.min(image.sizeBytes(), (long) SECTOR_BYTES << (where >> 5));
  }

  /** Near the beginning or the end, mostly off the clusters' boundaries. */
  private static long place(DiskImage image, int where, long length) {
    long most = (image.sizeBytes() - length) / SECTOR_BYTES;
    long step = (where & 15) * 37L;
    return Math.max(0, (where & 16) == 0 ? Math.min(most, step) : most - step) * SECTOR_BYTES;
  }

  @Override
  public void close() {
    arena.close();
  }
}
