package org.maloca.block.table;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.Extent;
import org.maloca.block.image.FileHoles;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * A disk whose blocks lie in a file where a table says. Formats tell how the table is read and
 * changed; this class cuts requests at blocks, joins those that lie side by side in the file, and
 * copies blocks of the parent when a part of one is written.
 *
 * <p>What keeps an image whole when power fails at any moment:
 *
 * <ul>
 *   <li>Space that {@link #reserve} gives was never written, so it reads as zeros. A table entry
 *       that becomes durable before the data of its block shows zeros, which is what was there
 *       before.
 *   <li>Entries are kept back until {@link #writeBack}, which makes data durable before the entries
 *       that refer to it. So a copy of a parent's block is whole when an entry leads to it.
 *   <li>Data of a block that replaces a parent's is written before the entry is even in the cache.
 * </ul>
 *
 * <p>Tables are looked at and changed under {@link #lock}; data moves outside of it.
 */
public abstract class MappedDisk implements BlockBackend {
  /** The parent has the bytes, or they are zeros where there is no parent. */
  protected static final long UNALLOCATED = -1;

  /** The bytes are zeros whatever the parent has. */
  protected static final long ZERO = -2;

  /** The file has the bytes, but not as they are. */
  protected static final long ENCODED = -3;

  private static final long COPY = -4;
  private static final int CHUNK_BYTES = 1 << 16;

  protected final ReentrantLock lock = new ReentrantLock();
  protected final ImageFile file;
  protected final @Nullable BlockBackend parent;

  private final ThreadLocal<IoVector> slices = ThreadLocal.withInitial(IoVector::new);
  private final ThreadLocal<IoVector> parentSlices = ThreadLocal.withInitial(IoVector::new);
  private final FileHoles holes;
  private final long blockBytes;
  private volatile long sizeBytes;
  private volatile Runnable sizeListener = () -> {};
  private @Nullable Scratch scratch;
  private @Nullable Scratch zeros;

  /**
   * Makes one.
   *
   * @param blockBytes bytes of the disk that have one entry in the table, a multiple of 512
   */
  protected MappedDisk(
      ImageFile file, @Nullable BlockBackend parent, long sizeBytes, long blockBytes) {
    this.file = file;
    this.parent = parent;
    this.sizeBytes = sizeBytes;
    this.blockBytes = blockBytes;
    holes = new FileHoles(file);
  }

  // What formats tell, called under the lock.

  /**
   * Where in the file the byte {@code at} of the disk lies, or {@link #UNALLOCATED}, {@link #ZERO}
   * or {@link #ENCODED}.
   */
  protected abstract long find(long at) throws IOException;

  /** For how many bytes from {@code at} on what {@link #find} said goes on, at least. */
  protected long spanAt(long at) throws IOException {
    return blockBytes - at % blockBytes;
  }

  /**
   * The same, where the file may be asked: formats pass what a table has nothing of at once, since
   * a disk may have billions of blocks.
   *
   * @param limit how far it is of interest
   */
  protected long spanAt(long at, long limit) throws IOException {
    return spanAt(at);
  }

  /**
   * Whether {@link #find} and {@link #spanAt(long)} have all they need of {@code at} in memory, and
   * {@link #afterWrite} has nothing to do. Formats may say no where it is not worth knowing.
   */
  protected abstract boolean isAtHand(long at) throws IOException;

  /**
   * Whether the file was made with room for the whole disk, so that the table tells nothing of what
   * was written.
   */
  protected boolean hasRoomForAll() {
    return false;
  }

  /** Finds room in the file for a block, which reads as zeros, or which nothing refers to. */
  protected abstract long reserve() throws IOException;

  /** Makes the table say that a block lies where {@link #reserve} said. */
  protected abstract void assign(long block, long position) throws IOException;

  /**
   * Makes the table say that a block is zeros.
   *
   * @return whether the format can
   */
  protected boolean assignZero(long block) throws IOException {
    return false;
  }

  /**
   * Makes room for the byte {@code at} and tells where; called when {@link #find} said that there
   * is none. The rest of the block must go on reading as before.
   */
  protected long allocate(long at) throws IOException {
    long position = reserve();
    assign(at / blockBytes, position);
    return position + at % blockBytes;
  }

  /** Whether a block that the parent has must be copied before a part of it is written. */
  protected boolean isCopiedOnWrite() {
    return parent != null;
  }

  /** Whether everything that is written becomes {@link #ENCODED}. */
  protected boolean isEncodedOnWrite() {
    return false;
  }

  /** Called before the first byte of a request is written; formats note a first change here. */
  protected void beforeWrite() throws IOException {}

  /** Whether {@link #beforeWrite} has no more to do that waits for the file. */
  protected boolean isFirstWriteDone() {
    return true;
  }

  /** Called after data were written to the file. */
  protected void afterWrite(long at, long length) throws IOException {}

  /** Whether so much is kept back that it must be written before more may be. */
  protected abstract boolean isCrowded();

  /** Writes what is kept back, after making durable what it refers to. */
  protected abstract void writeBack() throws IOException;

  /** Reads from inside one block that is {@link #ENCODED}. */
  protected void readEncoded(long at, IoVector target) throws IOException {
    throw new IllegalStateException();
  }

  /** Writes inside one block that is {@link #ENCODED}, or that will be. */
  protected void writeEncoded(long at, IoVector source) throws IOException {
    throw new IllegalStateException();
  }

  // The disk.

  @Override
  public final long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return file.isReadOnly();
  }

  @Override
  public void onSizeChange(Runnable listener) {
    sizeListener = listener;
  }

  protected final void setSizeBytes(long bytes) {
    sizeBytes = bytes;
    sizeListener.run();
  }

  protected final long blockBytes() {
    return blockBytes;
  }

  @Override
  public final void read(long offset, IoVector target) throws IOException {
    long total = target.bytes();
    checkRange(offset, total);
    for (long done = 0; done < total; ) {
      long at = offset + done;
      long position;
      long length;
      lock.lock();
      try {
        position = find(at);
        length = runLength(at, total - done, position);
        if (position == ENCODED) {
          length = Math.min(length, blockBytes - at % blockBytes);
          readEncoded(at, slice(target, done, length));
        }
      } finally {
        lock.unlock();
      }
      if (position >= 0) {
        file.read(position, slice(target, done, length));
      } else if (position == UNALLOCATED) {
        readParent(at, slice(target, done, length));
      } else if (position == ZERO) {
        target.fill(done, length, (byte) 0);
      }
      done += length;
    }
  }

  private void readParent(long at, IoVector target) throws IOException {
    long length = target.bytes();
    long there = parent == null ? 0 : Math.clamp(parent.sizeBytes() - at, 0, length);
    if (parent != null && there > 0) {
      IoVector part = parentSlices.get();
      part.setSlice(target, 0, there);
      parent.read(at, part);
    }
    target.fill(there, length - there, (byte) 0);
  }

  @Override
  public final void write(long offset, IoVector source) throws IOException {
    long total = source.bytes();
    checkWritable();
    checkRange(offset, total);
    for (long done = 0; done < total; ) {
      long at = offset + done;
      long length;
      long position;
      lock.lock();
      try {
        if (isCrowded()) {
          writeBack();
        }
        beforeWrite();
        position = findForWrite(at);
        if (position >= 0) {
          length = writableLength(at, total - done, position);
        } else {
          length = Math.min(total - done, blockBytes - at % blockBytes);
          if (position == ENCODED) {
            writeEncoded(at, slice(source, done, length));
          } else {
            copyAndWrite(at, slice(source, done, length));
          }
        }
      } finally {
        lock.unlock();
      }
      if (position >= 0) {
        file.write(position, slice(source, done, length));
        afterWrite(at, length);
      }
      done += length;
    }
  }

  private long findForWrite(long at) throws IOException {
    long position = find(at);
    if (position >= 0 || position == ENCODED) {
      return position;
    }
    if (isEncodedOnWrite()) {
      return ENCODED;
    }
    return isCopiedOnWrite() ? COPY : allocate(at);
  }

  /** How much can be written from {@code at} on in one piece, making room on the way. */
  private long writableLength(long at, long limit, long position) throws IOException {
    long length = Math.min(limit, blockBytes - at % blockBytes);
    while (length < limit && !isCrowded() && findForWrite(at + length) == position + length) {
      length += Math.min(limit - length, blockBytes);
    }
    return length;
  }

  @Override
  public final boolean readAtOnce(long offset, IoVector target) throws IOException {
    checkRange(offset, target.bytes());
    return goThroughAtOnce(offset, target, false);
  }

  /** Writes what lies in its place already. */
  @Override
  public final boolean writeAtOnce(long offset, IoVector source) throws IOException {
    checkWritable();
    checkRange(offset, source.bytes());
    return goThroughAtOnce(offset, source, true);
  }

  private boolean goThroughAtOnce(long offset, IoVector vector, boolean isWrite)
      throws IOException {
    long total = vector.bytes();
    for (long done = 0; done < total; ) {
      long at = offset + done;
      long position;
      long length;
      if (!lock.tryLock()) {
        return false;
      }
      try {
        if (!isAtHand(at) || isWrite && !isFirstWriteDone()) {
          return false;
        }
        if (isWrite) {
          beforeWrite();
        }
        position = find(at);
        length = runLength(at, total - done, position, true);
      } finally {
        lock.unlock();
      }
      IoVector part = slice(vector, done, length);
      boolean isDone =
          isWrite
              ? position >= 0 && file.writeAtOnce(position, part)
              : readAtOnce(at, position, part);
      if (!isDone) {
        return false;
      }
      done += length;
    }
    return true;
  }

  private boolean readAtOnce(long at, long position, IoVector target) throws IOException {
    if (position >= 0) {
      return file.readAtOnce(position, target);
    }
    if (position == ENCODED) {
      return false;
    }
    if (position == UNALLOCATED && parent != null) {
      return target.bytes() <= parent.sizeBytes() - at && parent.readAtOnce(at, target);
    }
    target.fill(0, target.bytes(), (byte) 0);
    return true;
  }

  private long runLength(long at, long limit, long position) throws IOException {
    return runLength(at, limit, position, false);
  }

  /**
   * How far from {@code at} on bytes lie in the same piece, or are absent in the same way.
   *
   * @param isAtOnce whether to end where the file would have to be asked
   */
  private long runLength(long at, long limit, long position, boolean isAtOnce) throws IOException {
    long length = Math.min(limit, isAtOnce ? spanAt(at) : spanAt(at, limit));
    while (length < limit
        && (!isAtOnce || isAtHand(at + length))
        && find(at + length) == (position >= 0 ? position + length : position)) {
      long left = limit - length;
      length += Math.min(left, isAtOnce ? spanAt(at + length) : spanAt(at + length, left));
    }
    return length;
  }

  /** Writes a whole block, the bytes around the source as they were, and only then refers to it. */
  private void copyAndWrite(long at, IoVector source) throws IOException {
    long block = at / blockBytes;
    long start = block * blockBytes;
    boolean isZero = find(at) == ZERO;
    long position = reserve();
    long end = at + source.bytes();
    copyBefore(start, at, position, isZero);
    file.write(position + (at - start), source);
    copyBefore(end, start + blockBytes, position + (end - start), isZero);
    assign(block, position);
  }

  private void copyBefore(long from, long to, long position, boolean isZero) throws IOException {
    for (long at = from; at < to; at += CHUNK_BYTES) {
      int length = (int) Math.min(CHUNK_BYTES, to - at);
      IoVector bytes = scratch().slice(0, length);
      if (isZero) {
        bytes.fill(0, length, (byte) 0);
      } else {
        readParent(at, bytes);
      }
      file.write(position + (at - from), bytes);
    }
  }

  private Scratch scratch() {
    Scratch current = scratch;
    if (current == null) {
      current = new Scratch(CHUNK_BYTES);
      scratch = current;
    }
    return current;
  }

  @Override
  public final void discard(long offset, long length) throws IOException {
    checkWritable();
    checkRange(offset, length);
    for (long done = 0; done < length; ) {
      long at = offset + done;
      long position;
      long run;
      lock.lock();
      try {
        beforeWrite();
        position = find(at);
        run = runLength(at, length - done, position);
      } finally {
        lock.unlock();
      }
      if (position >= 0) {
        file.punchHole(position, run);
      }
      done += run;
    }
  }

  @Override
  public final void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    checkWritable();
    checkRange(offset, length);
    for (long done = 0; done < length; ) {
      long at = offset + done;
      long position;
      long run;
      boolean isDone;
      lock.lock();
      try {
        if (isCrowded()) {
          writeBack();
        }
        beforeWrite();
        position = find(at);
        isDone = position == ZERO || position == UNALLOCATED && parent == null;
        if (position >= 0 || isDone) {
          run = runLength(at, length - done, position);
        } else {
          run = Math.min(length - done, blockBytes - at % blockBytes);
          boolean isWhole = at % blockBytes == 0 && (run == blockBytes || at + run == sizeBytes);
          isDone = isWhole && assignZero(at / blockBytes);
        }
      } finally {
        lock.unlock();
      }
      if (!isDone && position >= 0 && mayUnmap) {
        file.punchHole(position, run);
      } else if (!isDone) {
        run = Math.min(run, CHUNK_BYTES);
        IoVector bytes = slices.get();
        bytes.clear();
        bytes.add(zeros().address(), run);
        if (position >= 0) {
          file.write(position, bytes);
        } else {
          writeZeroChunk(at, run);
        }
      }
      done += run;
    }
  }

  /** The allocation of the vector is of no weight: this copies a block, or encodes one. */
  private void writeZeroChunk(long at, long length) throws IOException {
    IoVector bytes = new IoVector();
    bytes.add(zeros().address(), length);
    write(at, bytes);
  }

  private Scratch zeros() {
    lock.lock();
    try {
      Scratch current = zeros;
      if (current == null) {
        current = new Scratch(CHUNK_BYTES);
        zeros = current;
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void flush() throws IOException {
    if (file.isReadOnly()) {
      return;
    }
    lock.lock();
    try {
      writeBack();
    } finally {
      lock.unlock();
    }
    file.flush();
  }

  /** Tells where a piece of the disk comes from, as {@code DiskImage} asks. */
  public Extent extentAt(long offset, long length) throws IOException {
    checkRange(offset, length);
    long position;
    Extent piece;
    lock.lock();
    try {
      position = find(offset);
      long run = runLength(offset, length, position);
      Extent.Kind kind =
          position == UNALLOCATED
              ? Extent.Kind.UNALLOCATED
              : position == ZERO ? Extent.Kind.ZERO : Extent.Kind.DATA;
      piece = new Extent(offset, run, kind, Math.max(position, -1), position == ENCODED);
    } finally {
      lock.unlock();
    }
    return position >= 0 && hasRoomForAll() ? holes.lookAt(piece, position) : piece;
  }

  private IoVector slice(IoVector whole, long offset, long length) {
    if (offset == 0 && length == whole.bytes()) {
      return whole;
    }
    IoVector slice = slices.get();
    slice.setSlice(whole, offset, length);
    return slice;
  }

  protected final void checkWritable() throws IOException {
    if (isReadOnly()) {
      throw new IOException(file.name() + " is open for reading only");
    }
  }

  private void checkRange(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || length > sizeBytes - offset) {
      throw new IOException(
          "%s: %d bytes at %d are outside the disk's %d"
              .formatted(file.name(), length, offset, sizeBytes));
    }
  }
}
