package org.maloca.block.file;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Has the host begin to write to its disk what comes in one stream, while the stream goes on, so
 * that a flush need not wait for all of it. By itself the page cache keeps what is written for many
 * seconds. Only streams, as what is written here and there may soon be written again.
 *
 * <p>Safe for any thread. Two that write at once may break each other's stream, which is then begun
 * anew; nothing but time depends on that.
 */
final class EarlyWriteback {
  /** How much of a stream is handed to the disk at a time. */
  static final long PIECE_BYTES = 4 << 20;

  /** For all files: whoever begins to write may wait for room in the queue of a disk. */
  private static final Executor BESIDE = oneThread();

  /** Begins to write a range of the file, as {@code sync_file_range(2)} does. */
  @FunctionalInterface
  interface Starter {
    void start(long position, long length);
  }

  private final Starter starter;
  private final Executor executor;

  /** Where the stream goes on. */
  private volatile long end;

  /** From here on the stream was not handed over yet. */
  private volatile long rest;

  // What the executor has to begin with, under the lock.
  private long askedFrom;
  private long askedTo;
  private boolean isAsked;

  EarlyWriteback(Starter starter) {
    this(starter, BESIDE);
  }

  EarlyWriteback(Starter starter, Executor executor) {
    this.starter = starter;
    this.executor = executor;
  }

  private static Executor oneThread() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("maloca-writeback").factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Notes a write that the page cache has taken. */
  void wrote(long position, long length) {
    long next = position + length;
    if (position != end) {
      end = next;
      rest = position;
      return;
    }
    end = next;
    long from = rest;
    if (next - from >= PIECE_BYTES) {
      rest = next;
      ask(from, next);
    }
  }

  private synchronized void ask(long from, long to) {
    if (isAsked) {
      // The disk does not keep up; what lies between two streams is clean, or as well begun with.
      askedFrom = Math.min(askedFrom, from);
      askedTo = Math.max(askedTo, to);
      return;
    }
    askedFrom = from;
    askedTo = to;
    try {
      executor.execute(this::begin);
      isAsked = true;
    } catch (OutOfMemoryError noThread) {
      // Then the flush has it all to do.
    }
  }

  private void begin() {
    long from;
    long to;
    synchronized (this) {
      from = askedFrom;
      to = askedTo;
      isAsked = false;
    }
    starter.start(from, to - from);
  }
}
