package org.maloca.net.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.OpenFlags;

/**
 * A descriptor that one thread reads frames from while others write to it, and that may be closed
 * meanwhile: the reader is woken, and the number is not given back before all have let go of it.
 */
final class PolledDescriptor implements AutoCloseable {
  private final ReadWriteLock use = new ReentrantReadWriteLock();
  private final Arena arena = Arena.ofShared();
  private final int descriptor;
  private final int wakeup;
  private final MemorySegment polled = arena.allocate(2 * LinuxCalls.POLLFD_BYTES, 8);
  private volatile boolean isClosed;

  /** What is done with a descriptor that is open. */
  @FunctionalInterface
  interface Call {
    int on(int descriptor);
  }

  /**
   * Takes a descriptor over.
   *
   * @throws IOException if the host has none left to wake the reader by
   */
  PolledDescriptor(int descriptor) throws IOException {
    this.descriptor = descriptor;
    wakeup = LinuxCalls.eventfd(OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC);
    if (wakeup < 0) {
      LinuxCalls.close(descriptor);
      arena.close();
      throw new IOException("no more files can be opened");
    }
    setPolled(0, descriptor);
    setPolled(1, wakeup);
  }

  private void setPolled(int index, int number) {
    long at = (long) index * LinuxCalls.POLLFD_BYTES;
    polled.set(ValueLayout.JAVA_INT, at, number);
    polled.set(ValueLayout.JAVA_SHORT, at + 4, LinuxCalls.POLLIN);
  }

  /** Waits until there is something to read; false once it is closed. For the reader. */
  boolean awaitReadable() {
    use.readLock().lock();
    try {
      while (!isClosed) {
        int count = LinuxCalls.poll(polled.address(), 2, -1);
        if (count > 0) {
          return !isClosed;
        }
      }
      return false;
    } finally {
      use.readLock().unlock();
    }
  }

  /** Makes a call; {@code closedAnswer} if it is closed. */
  int call(Call call, int closedAnswer) {
    use.readLock().lock();
    try {
      return isClosed ? closedAnswer : call.on(descriptor);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    try (Arena own = Arena.ofConfined()) {
      MemorySegment one = own.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      MemorySegment piece = own.allocate(16, 8);
      piece.set(ValueLayout.JAVA_LONG, 0, one.address());
      piece.set(ValueLayout.JAVA_LONG, 8, 8);
      LinuxCalls.writev(wakeup, piece.address(), 1);
      use.writeLock().lock();
      try {
        LinuxCalls.close(descriptor);
        LinuxCalls.close(wakeup);
      } finally {
        use.writeLock().unlock();
      }
    }
    arena.close();
  }
}
