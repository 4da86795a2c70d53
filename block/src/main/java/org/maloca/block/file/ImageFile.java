package org.maloca.block.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.maloca.core.memory.IoVector;

/**
 * A file under an image format: everything that a format does to the host goes through here, so
 * that tests can put one under it that loses power, runs full or fails.
 *
 * <p>Safe for several threads at once; overlapping accesses that run at once have no order. Reads
 * past the end give zeros; writes past the end make the file longer, with zeros between. Nothing is
 * durable before {@link #flush}, and writes between two flushes may reach the disk in any order.
 */
public interface ImageFile extends AutoCloseable {
  /** The path that people know the file by, for messages. */
  String name();

  boolean isReadOnly();

  /** Length in bytes. */
  long size() throws IOException;

  /** Cuts the file off, or makes it longer by zeros. */
  void setSize(long bytes) throws IOException;

  /** Fills the buffer's rest from {@code position} on. */
  void read(long position, ByteBuffer target) throws IOException;

  /**
   * Writes the buffer's rest at {@code position}.
   *
   * @throws org.maloca.core.backend.DiskFullException when the host has no room
   */
  void write(long position, ByteBuffer source) throws IOException;

  /** Reads as many bytes as the vector has. */
  void read(long position, IoVector target) throws IOException;

  /**
   * Writes all bytes of the vector.
   *
   * @throws org.maloca.core.backend.DiskFullException when the host has no room
   */
  void write(long position, IoVector source) throws IOException;

  /**
   * Reads as many bytes as the vector has if that waits for nobody.
   *
   * @return whether it is done; otherwise, and after an error, {@link #read} has to do it
   */
  default boolean readAtOnce(long position, IoVector target) {
    return false;
  }

  /**
   * Writes all bytes of the vector if that waits for nobody, as far as can be told.
   *
   * @return whether it is done; otherwise, and after an error, {@link #write} has to do it
   */
  default boolean writeAtOnce(long position, IoVector source) {
    return false;
  }

  /** Makes bytes inside the file read as zeros, giving their room back where the host can. */
  void punchHole(long position, long length) throws IOException;

  /**
   * Sets room aside for bytes that were never written, so that writing them later cannot run out of
   * it; what lies there already stays. The file becomes as long as that. A host that cannot do so
   * writes zeros past the end only.
   *
   * @throws org.maloca.core.backend.DiskFullException when the host has no room
   */
  default void allocate(long position, long length) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(length, 1 << 20));
    long at = Math.max(position, size());
    while (at < position + length) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), position + length - at));
      at += zeros.remaining();
      write(at - zeros.remaining(), zeros);
    }
  }

  /** Makes everything written so far, and the length, durable. */
  void flush() throws IOException;

  /**
   * The start of the first range at or after {@code position} that may hold data rather than a
   * hole, or the file's size.
   */
  long nextData(long position) throws IOException;

  /** The start of the first hole at or after {@code position}; there is one at the file's end. */
  long nextHole(long position) throws IOException;

  /** Bytes that are not in holes: the room that the file takes on the host. */
  default long allocatedBytes() throws IOException {
    long allocated = 0;
    long end = size();
    long at = nextData(0);
    while (at < end) {
      long hole = nextHole(at);
      allocated += hole - at;
      at = hole < end ? Math.max(hole, nextData(hole)) : end;
    }
    return allocated;
  }

  @Override
  void close() throws IOException;
}
