package org.maloca.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Carries the guest's output to a stream of the host, promptly, on a thread of its own. When the
 * host takes no more for a while the guest waits, as a modem's flow control would make it.
 */
final class OutputPump {
  private static final int CAPACITY = 1 << 16;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final OutputStream output;
  private final Runnable lost;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasBytes = lock.newCondition();
  private final Condition hasRoom = lock.newCondition();
  private final byte[] ring = new byte[CAPACITY];
  private int head;
  private int count;
  private boolean isWriting;
  private boolean isClosed;

  /**
   * Starts the thread.
   *
   * @param lost called once, on the pump's thread, when the stream takes no more for good
   */
  OutputPump(OutputStream output, Runnable lost) {
    this.output = output;
    this.lost = lost;
    Thread thread = new Thread(this::loop, "maloca-console-out");
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes a byte, waiting while the buffer is full; after {@link #close} bytes are dropped. */
  void put(byte value) {
    lock.lock();
    try {
      while (count == CAPACITY && !isClosed) {
        hasRoom.awaitUninterruptibly();
      }
      if (isClosed) {
        return;
      }
      ring[head + count & CAPACITY - 1] = value;
      if (count++ == 0) {
        hasBytes.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits, not for ever, until everything is written. */
  void drain() {
    lock.lock();
    try {
      long left = PATIENCE_NANOS;
      while ((count > 0 || isWriting) && !isClosed && left > 0) {
        left = hasRoom.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is left and lets go whoever waits. */
  void close() {
    lock.lock();
    try {
      isClosed = true;
      hasRoom.signalAll();
      hasBytes.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    boolean isLost = true;
    try {
      copy();
      isLost = false;
    } catch (IOException gone) {
      // Told of below, as is whatever else ends this: the guest must not wait for ever.
    } finally {
      if (isLost) {
        close();
        lost.run();
      }
    }
  }

  private void copy() throws IOException {
    byte[] piece = new byte[8192];
    for (int length = take(piece); length >= 0; length = take(piece)) {
      output.write(piece, 0, length);
      output.flush();
    }
  }

  /** Waits for bytes and takes some; -1 when closed. */
  private int take(byte[] piece) {
    lock.lock();
    try {
      isWriting = false;
      hasRoom.signalAll();
      while (count == 0 && !isClosed) {
        hasBytes.awaitUninterruptibly();
      }
      if (isClosed) {
        return -1;
      }
      int length = Math.min(count, piece.length);
      for (int i = 0; i < length; i++) {
        piece[i] = ring[head];
        head = head + 1 & CAPACITY - 1;
      }
      count -= length;
      isWriting = true;
      return length;
    } finally {
      lock.unlock();
    }
  }
}
