package org.maloca.core.time;

import java.time.Instant;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A {@link VirtualClock} that follows the host's monotonic clock, less the time that it was paused.
 * One daemon thread fires the timers in order of their deadlines.
 */
public final class HostClock implements VirtualClock, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HostClock.class.getName());

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final TreeSet<HostTimer> armed = new TreeSet<>();
  private final Thread thread;
  private volatile long origin = System.nanoTime();
  private volatile long pausedAtNanos = -1;
  private long nextSerial;
  private boolean closed;

  /** Makes a running clock at 0. */
  public HostClock(String name) {
    thread = new Thread(this::fireTimers, name + "-timers");
    thread.setDaemon(true);
    thread.setPriority(Thread.MAX_PRIORITY);
    thread.start();
  }

  @Override
  public long nanos() {
    // Racy reads are harmless: pause and resume happen while no vCPU runs.
    long paused = pausedAtNanos;
    return paused >= 0 ? paused : System.nanoTime() - origin;
  }

  @Override
  public Instant wallClock() {
    return Instant.now();
  }

  @Override
  public Timer newTimer(Runnable action) {
    lock.lock();
    try {
      return new HostTimer(action, nextSerial++);
    } finally {
      lock.unlock();
    }
  }

  /** Stops time; timers wait. */
  public void pause() {
    lock.lock();
    try {
      if (pausedAtNanos < 0) {
        pausedAtNanos = nanos();
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Lets time go on where it stood. */
  public void resume() {
    lock.lock();
    try {
      if (pausedAtNanos >= 0) {
        origin = System.nanoTime() - pausedAtNanos;
        pausedAtNanos = -1;
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void fireTimers() {
    while (true) {
      HostTimer due = awaitDue();
      if (due == null) {
        return;
      }
      try {
        due.action.run();
      } catch (RuntimeException | Error broken) {
        LOG.log(System.Logger.Level.ERROR, "timer action failed", broken);
      }
    }
  }

  private @org.jspecify.annotations.Nullable HostTimer awaitDue() {
    lock.lock();
    try {
      while (!closed) {
        if (armed.isEmpty() || pausedAtNanos >= 0) {
          changed.awaitUninterruptibly();
          continue;
        }
        HostTimer first = armed.first();
        long wait = first.deadlineNanos - nanos();
        if (wait <= 0) {
          armed.remove(first);
          first.isArmed = false;
          return first;
        }
        try {
          long left = changed.awaitNanos(wait);
          assert left <= wait;
        } catch (InterruptedException nobodyInterruptsUs) {
          return null;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private final class HostTimer implements Timer, Comparable<HostTimer> {
    private final Runnable action;
    private final long serial;
    private long deadlineNanos;
    private boolean isArmed;

    HostTimer(Runnable action, long serial) {
      this.action = action;
      this.serial = serial;
    }

    @Override
    public void arm(long deadline) {
      lock.lock();
      try {
        remove();
        deadlineNanos = deadline;
        isArmed = true;
        armed.add(this);
        if (armed.first() == this) {
          changed.signal();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void cancel() {
      lock.lock();
      try {
        remove();
      } finally {
        lock.unlock();
      }
    }

    private void remove() {
      if (isArmed) {
        armed.remove(this);
        isArmed = false;
      }
    }

    @Override
    public int compareTo(HostTimer other) {
      int byDeadline = Long.compare(deadlineNanos, other.deadlineNanos);
      return byDeadline != 0 ? byDeadline : Long.compare(serial, other.serial);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(serial);
    }
  }
}
