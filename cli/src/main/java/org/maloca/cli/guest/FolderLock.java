package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** Excludes other makers of guests in a folder: processes by a locked file, threads by a lock. */
final class FolderLock implements AutoCloseable {
  /** A file lock excludes processes, not the threads of one. */
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();

  private final FileChannel file;
  private final FileLock lock;

  private FolderLock(FileChannel file, FileLock lock) {
    this.file = file;
    this.lock = lock;
  }

  /**
   * Waits until it has the lock; the same thread closes it.
   *
   * @param folder an existing one
   */
  static FolderLock take(Path folder, Progress progress) throws IOException {
    IN_PROCESS.lock();
    try {
      FileChannel file =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        FileLock lock = file.tryLock();
        if (lock == null) {
          progress.step("waiting for another maloca that is making the guest");
          lock = file.lock();
        }
        return new FolderLock(file, lock);
      } catch (IOException | RuntimeException failure) {
        file.close();
        throw failure;
      }
    } catch (IOException | RuntimeException failure) {
      IN_PROCESS.unlock();
      throw failure;
    }
  }

  boolean isValid() {
    return lock.isValid();
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      IN_PROCESS.unlock();
    }
  }
}
