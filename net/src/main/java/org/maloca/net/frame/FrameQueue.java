package org.maloca.net.frame;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of byte records between threads: any number put in, one takes out. A ring of
 * bytes, in which each record lies in one piece behind its length in four big-endian bytes, so that
 * runs of records can be written to a stream as they are. Allocates only when made.
 */
public final class FrameQueue {
  private static final int LENGTH_BYTES = 4;
  private static final int WRAP = -1;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ByteBuffer ring;
  private final ByteBuffer view;
  private int head;
  private int tail;
  private int used;
  private int frames;
  private long dropped;
  private boolean closed;

  /**
   * Makes an empty queue.
   *
   * @param capacityBytes room for all records with their lengths
   */
  public FrameQueue(int capacityBytes) {
    ring = ByteBuffer.allocateDirect(capacityBytes & -LENGTH_BYTES);
    view = ring.duplicate();
  }

  /** Copies a record in, from the position to the limit; false if there is no room. */
  public boolean offer(ByteBuffer record) {
    int length = record.remaining();
    // Aligned, so that a length never wraps.
    int needed = aligned(LENGTH_BYTES + length);
    lock.lock();
    try {
      int toEnd = ring.capacity() - tail;
      int skipped = toEnd < needed ? toEnd : 0;
      if (closed || used + skipped + needed > ring.capacity()) {
        dropped++;
        return false;
      }
      if (skipped != 0) {
        ring.putInt(tail, WRAP);
        tail = 0;
      }
      ring.putInt(tail, length);
      ring.put(tail + LENGTH_BYTES, record, record.position(), length);
      tail = (tail + needed) % ring.capacity();
      used += skipped + needed;
      frames++;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The oldest record, until {@link #remove}; null if there is none. For the taking thread alone.
   */
  public @Nullable ByteBuffer peek() {
    lock.lock();
    try {
      if (frames == 0) {
        return null;
      }
      skipWrap();
      int length = ring.getInt(head);
      view.clear().position(head + LENGTH_BYTES).limit(head + LENGTH_BYTES + length);
      return view;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest record out. */
  public void remove() {
    lock.lock();
    try {
      int size = aligned(LENGTH_BYTES + ring.getInt(head));
      head = (head + size) % ring.capacity();
      used -= size;
      frames--;
      if (frames == 0) {
        // From the start again, where the longest record fits.
        head = 0;
        tail = 0;
        used = 0;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a record.
   *
   * @return false if the time passed without one, or the queue is closed and empty
   */
  public boolean await(long timeoutNanos) throws InterruptedException {
    long left = timeoutNanos;
    lock.lock();
    try {
      while (frames == 0 && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      return frames > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a record for as long as the queue is open. */
  public boolean await() throws InterruptedException {
    boolean isThere = false;
    while (!isThere && !isOver()) {
      isThere = await(TimeUnit.SECONDS.toNanos(60));
    }
    return isThere;
  }

  /** Whether it is closed and all was taken out. */
  public boolean isOver() {
    lock.lock();
    try {
      return closed && frames == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets all records. For the taking thread alone. */
  public void clear() {
    lock.lock();
    try {
      head = 0;
      tail = 0;
      used = 0;
      frames = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what is in can be taken out. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many records there was no room for. */
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  private void skipWrap() {
    if (ring.getInt(head) == WRAP) {
      used -= ring.capacity() - head;
      head = 0;
    }
  }

  private static int aligned(int size) {
    return size + LENGTH_BYTES - 1 & -LENGTH_BYTES;
  }
}
