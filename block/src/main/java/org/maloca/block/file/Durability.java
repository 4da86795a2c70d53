package org.maloca.block.file;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the flushes of a file have made sure of. A host says once that it could not write something
 * out, to whoever flushes then, and forgets what it could not write; a disk with a cache of its own
 * does no better. So one flush at a time asks the host, for all who wait, and after one that failed
 * no later one can promise anything. Any thread.
 */
public final class Durability {
  private final String name;

  /** Counts changes when they are made, so that a flush knows if there are any. */
  private final AtomicLong changes = new AtomicLong(1);

  private final ReentrantLock lock = new ReentrantLock();

  /** Of {@link #changes}, how many are durable. */
  private long durableChanges;

  private boolean hasLostWrites;

  /** Has the host make a file durable. */
  @FunctionalInterface
  public interface Sync {
    void run() throws IOException;
  }

  /**
   * Knows of nothing durable.
   *
   * @param name the file's, for messages
   */
  public Durability(String name) {
    this.name = name;
  }

  /** Something was changed, or a change was given up in its midst. */
  public void changed() {
    changes.incrementAndGet();
  }

  /**
   * Has everything durable that was changed before; asks the host only if there is any.
   *
   * @throws IOException when that fails, or once has failed
   */
  public void flush(Sync sync) throws IOException {
    long made = changes.get();
    lock.lock();
    try {
      if (hasLostWrites) {
        throw new IOException(
            name + ": an earlier flush failed, and what was written before may be lost");
      }
      if (durableChanges >= made) {
        return;
      }
      long covered = changes.get();
      hasLostWrites = true;
      sync.run();
      hasLostWrites = false;
      durableChanges = covered;
    } finally {
      lock.unlock();
    }
  }
}
