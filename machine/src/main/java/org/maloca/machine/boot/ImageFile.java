package org.maloca.machine.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.maloca.core.memory.GuestMemory;

/**
 * An untrusted file with bounds-checked reads. It stays open, so that a machine that restarts boots
 * the same file even when its name is gone. Not thread-safe.
 */
public final class ImageFile implements AutoCloseable {
  private static final int CHUNK = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private final long size;

  private ImageFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens a file.
   *
   * @throws BootException when it is not there, not a regular file or not readable
   */
  public static ImageFile open(Path path) throws BootException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new BootException("%s: not a regular file".formatted(path));
    }
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new ImageFile(path, channel, channel.size());
    } catch (NoSuchFileException missing) {
      throw new BootException("%s: no such file".formatted(path), missing);
    } catch (AccessDeniedException denied) {
      throw new BootException("%s: permission denied".formatted(path), denied);
    } catch (IOException failure) {
      throw new BootException("%s: %s".formatted(path, failure.getMessage()), failure);
    }
  }

  public Path path() {
    return path;
  }

  /** Size in bytes when it was opened. */
  public long size() {
    return size;
  }

  /** An exception that names this file. */
  public BootException problem(String what) {
    return new BootException("%s: %s".formatted(path, what));
  }

  /** Whether the file holds that many bytes from there. */
  public boolean holds(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
  }

  /**
   * Reads bytes, little-endian.
   *
   * @throws BootException when the file ends before them
   */
  public ByteBuffer read(long offset, int length) throws BootException {
    requireHolds(offset, length);
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    fill(buffer, offset);
    return buffer.flip();
  }

  /** Reads at most that many bytes from the start. */
  public ByteBuffer readHead(int length) throws BootException {
    return read(0, (int) Math.min(length, size));
  }

  /**
   * Copies a part of the file into guest memory.
   *
   * @throws BootException when the file ends before it
   */
  public void copyTo(GuestMemory memory, long gpa, long offset, long length) throws BootException {
    requireHolds(offset, length);
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(length, 1)));
    for (long done = 0; done < length; done += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), length - done));
      fill(buffer, offset + done);
      memory.write(gpa + done, buffer.array(), 0, buffer.limit());
    }
  }

  private void requireHolds(long offset, long length) throws BootException {
    if (!holds(offset, length)) {
      throw problem("truncated: %d bytes, but more are announced".formatted(size));
    }
  }

  private void fill(ByteBuffer buffer, long offset) throws BootException {
    try {
      long at = offset;
      while (buffer.hasRemaining()) {
        int count = channel.read(buffer, at);
        if (count < 0) {
          throw problem("became shorter while it was read");
        }
        at += count;
      }
    } catch (IOException failure) {
      throw new BootException("%s: %s".formatted(path, failure.getMessage()), failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException nothingWasWritten) {
      // Closing a file that was only read loses nothing.
      System.getLogger(ImageFile.class.getName())
          .log(System.Logger.Level.DEBUG, "close", nothingWasWritten);
    }
  }
}
