package org.maloca.core.backend;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.IoVector;

/**
 * The host's side of a disk: a linear array of bytes. Offsets and lengths are multiples of {@link
 * #SECTOR_BYTES} and inside the disk; who calls has checked that against {@link #sizeBytes}, and
 * implementations refuse what is outside by an {@link IOException}.
 *
 * <p>Calls block until done and may come from several threads at once; requests that overlap and
 * run at once have no order. A write is safe from a loss of power when a {@link #flush} that began
 * after its return has returned.
 */
public interface BlockBackend extends AutoCloseable {
  /** The unit of addressing; what disks call a sector. */
  int SECTOR_BYTES = 512;

  /** Size in bytes, a multiple of {@link #SECTOR_BYTES}; may change while in use. */
  long sizeBytes();

  /** Whether writes are refused. */
  boolean isReadOnly();

  /** Reads {@code target.bytes()} bytes from {@code offset} on. */
  void read(long offset, IoVector target) throws IOException;

  /**
   * Writes {@code source.bytes()} bytes from {@code offset} on.
   *
   * @throws DiskFullException when the host has no room; can be tried again
   */
  void write(long offset, IoVector source) throws IOException;

  /**
   * Reads as {@link #read} does if that waits for nobody, as when the bytes are in the host's
   * memory: for threads that have other things to do. An error is left to {@link #read}.
   *
   * @return whether it is done; otherwise the target's bytes may be anything
   */
  default boolean readAtOnce(long offset, IoVector target) throws IOException {
    return false;
  }

  /**
   * Writes as {@link #write} does if that waits for nobody, as far as can be told.
   *
   * @return whether it is done; otherwise some of the bytes may be written
   */
  default boolean writeAtOnce(long offset, IoVector source) throws IOException {
    return false;
  }

  /** Makes everything written so far durable. */
  void flush() throws IOException;

  /** Whether what changes the disk is durable when it returns, without a flush; never changes. */
  default boolean isWriteThrough() {
    return false;
  }

  /** Says that the bytes are of no more use: afterwards they read as before or as zeros. */
  void discard(long offset, long length) throws IOException;

  /**
   * Makes the bytes read as zeros.
   *
   * @param mayUnmap whether their room on the host may be given back
   */
  void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException;

  /**
   * What requests should be aligned to and a multiple of, in bytes, to be quick; a power of two.
   */
  default int preferredBytes() {
    return 4096;
  }

  /**
   * Changes the disk's size, also while it is used, and tells the listener. What is cut off is
   * lost; what is added reads as zeros.
   *
   * @throws UnsupportedOperationException when it cannot be changed; the message says so to people
   */
  default void resize(long bytes) throws IOException {
    throw new UnsupportedOperationException("this disk cannot change its size");
  }

  /** Says whom to tell, on any thread, when {@link #sizeBytes} has changed; once, by the device. */
  default void onSizeChange(Runnable listener) {}

  /**
   * What requests are to be kept to, or null for nothing. Who makes requests sees to that: the
   * calls above do not wait.
   */
  default @Nullable DiskThrottle throttle() {
    return null;
  }

  /** Says whom to tell, on any thread, when {@link #throttle} has changed; once, by the device. */
  default void onThrottleChange(Runnable listener) {}

  /** {@link #read(long, IoVector)} of a request that has waited, which counts in what it takes. */
  default void read(long offset, IoVector target, long waitedNanos) throws IOException {
    read(offset, target);
  }

  /** The same for {@link #write(long, IoVector)}. */
  default void write(long offset, IoVector source, long waitedNanos) throws IOException {
    write(offset, source);
  }

  /** The same for {@link #discard(long, long)}. */
  default void discard(long offset, long length, long waitedNanos) throws IOException {
    discard(offset, length);
  }

  /** The same for {@link #writeZeroes(long, long, boolean)}. */
  default void writeZeroes(long offset, long length, boolean mayUnmap, long waitedNanos)
      throws IOException {
    writeZeroes(offset, length, mayUnmap);
  }

  @Override
  void close() throws IOException;
}
