package org.maloca.core.time;

import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.maloca.core.defect.DefectLog;

/**
 * A {@link VirtualClock} that follows the host's monotonic clock, less the time that it was paused
 * for long. One daemon thread fires the timers in order of their deadlines. Arming allocates
 * nothing, because guests do it thousands of times a second.
 */
public final class HostClock implements VirtualClock, AutoCloseable {
  /** The thread looks at the timers without being woken: it is awake, or time stands still. */
  private static final long SOON = Long.MIN_VALUE;

  private final DefectLog defects = new DefectLog(System.getLogger(HostClock.class.getName()));
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final TimerHeap armed = new TimerHeap();
  private final Thread thread;
  private volatile long origin = System.nanoTime();
  private volatile long pausedAtNanos = -1;
  private long nextSerial;
  private boolean closed;

  /**
   * When the thread looks at the timers again by itself: whoever arms one for later need not wake
   * it. Guests put their next tick off and back thousands of times a second as their CPUs fall
   * asleep and wake, and a thread that is woken for it takes the processor which a CPU wakes on.
   */
  private long looksAgainAtNanos = SOON;

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
    resume(0);
  }

  /**
   * Lets time go on as if it had not stood, if that was no longer than {@code mostNanos}; else
   * where it stood.
   */
  public void resume(long mostNanos) {
    lock.lock();
    try {
      long paused = pausedAtNanos;
      if (paused >= 0) {
        long now = System.nanoTime();
        if (now - origin - paused > mostNanos) {
          origin = now - paused;
        }
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
        defects.tell("timer action failed", broken);
      }
    }
  }

  private @org.jspecify.annotations.Nullable HostTimer awaitDue() {
    lock.lock();
    try {
      while (!closed) {
        looksAgainAtNanos = SOON;
        if (pausedAtNanos >= 0) {
          changed.awaitUninterruptibly();
          continue;
        }
        if (armed.isEmpty()) {
          looksAgainAtNanos = Long.MAX_VALUE;
          changed.awaitUninterruptibly();
          continue;
        }
        HostTimer first = (HostTimer) armed.first();
        long wait = first.deadlineNanos() - nanos();
        if (wait <= 0) {
          armed.remove(first);
          return first;
        }
        looksAgainAtNanos = first.deadlineNanos();
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

  private final class HostTimer extends TimerHeap.Entry implements Timer {
    private final Runnable action;

    HostTimer(Runnable action, long serial) {
      super(serial);
      this.action = action;
    }

    @Override
    public void arm(long deadline) {
      lock.lock();
      try {
        armed.remove(this);
        armed.add(this, deadline);
        if (deadline < looksAgainAtNanos) {
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
        armed.remove(this);
      } finally {
        lock.unlock();
      }
    }
  }
}
