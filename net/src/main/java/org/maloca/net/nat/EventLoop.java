package org.maloca.net.nat;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.maloca.core.defect.DefectLog;

/**
 * One thread that waits for the host's sockets and the deadlines of a network, and the lock under
 * which all its work is done, by this thread or by a card's own. Handling events allocates nothing.
 */
public final class EventLoop implements AutoCloseable {
  private static final long MAX_SLEEP_MILLIS = 1000;

  /** Closed channels that may wait for the selector's next turn. */
  private static final int CLOSED_CHANNELS = 64;

  /** The loop looks at the clock every second: who has not for so long has stood still. */
  private static final long STANDSTILL_NANOS = 5_000_000_000L;

  /** After something unexpected: it may come again at once, and the others are to get on. */
  private static final long PAUSE_NANOS = 10_000_000;

  /** What is attached to a selection key. */
  @FunctionalInterface
  public interface Handler {
    /** The channel is ready; called with the lock held. The key may be cancelled. */
    void ready(SelectionKey key);
  }

  private final Object lock = new Object();
  private final DefectLog defects = new DefectLog(System.getLogger(EventLoop.class.getName()));
  private final LongSupplier clock;
  private final Timers timers = new Timers();
  private final Selector selector;
  private final Thread thread;
  private final Consumer<SelectionKey> collect = this::collect;
  private SelectionKey[] ready = new SelectionKey[64];
  private int readyCount;
  private boolean hasFailed;
  private volatile boolean isClosed;
  private int closedChannels;
  private long wakeAtNanos;

  /** Until {@link #wakeAtNanos}; the loop's own thread alone knows it. The first turn is short. */
  private long sleepMillis = 1;

  // Guarded by the lock: turns since the start, and who waits for one.
  private long turns;
  private int waiting;

  private long seenNanos;
  private long stoodStillNanos;

  /**
   * Starts the thread.
   *
   * @param clock of the host, in nanoseconds
   */
  public EventLoop(String name, LongSupplier clock) throws IOException {
    this.clock = clock;
    seenNanos = clock.getAsLong();
    selector = Selector.open();
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The network's lock: a monitor, since those of the library allocate when threads meet. */
  public Object lock() {
    return lock;
  }

  /**
   * The network's time in nanoseconds; with the lock held. It stands still while the process does
   * (a host that sleeps, a process that is stopped), so that no deadline passes meanwhile of which
   * the guest could not know.
   */
  public long nanos() {
    long now = clock.getAsLong();
    if (now - seenNanos > STANDSTILL_NANOS) {
      stoodStillNanos += now - seenNanos;
    }
    seenNanos = now;
    return now - stoodStillNanos;
  }

  /** Registers a non-blocking channel; with the lock held. */
  public SelectionKey register(SelectableChannel channel, int operations, Handler handler)
      throws IOException {
    SelectionKey key = channel.register(selector, operations, handler);
    if (operations != 0) {
      wake();
    }
    return key;
  }

  /** Sets what to wait for; with the lock held. */
  public void await(SelectionKey key, int operations) {
    int before = key.isValid() ? key.interestOps() : operations;
    if (before != operations) {
      key.interestOps(operations);
      // What is not waited for any more the selector may learn later, if it finds it ready.
      if ((operations & ~before) != 0) {
        wake();
      }
    }
  }

  /** Sets a deadline; with the lock held. */
  public void arm(Timers.Entry entry, long dueNanos) {
    timers.arm(entry, dueNanos);
    if (dueNanos < wakeAtNanos) {
      wakeAtNanos = dueNanos;
      wake();
    }
  }

  /** Forgets an entry; with the lock held. */
  public void remove(Timers.Entry entry) {
    timers.remove(entry);
  }

  /**
   * A channel was closed, of which the selector keeps something until it looks; with the lock held.
   * What the other side sees of it has happened already, so there is no hurry.
   */
  public void closed() {
    if (++closedChannels >= CLOSED_CHANNELS) {
      closedChannels = 0;
      wake();
    }
  }

  /** Has the loop look anew: for what is to be let go of at once. */
  public void wake() {
    if (Thread.currentThread() != thread) {
      selector.wakeup();
    }
  }

  /**
   * Waits until the selector has let go of channels that were closed, so that their ports are free.
   * Returns at once on the loop's own thread, and where the lock is held.
   */
  public void settle() {
    if (Thread.currentThread() == thread || Thread.holdsLock(lock)) {
      return;
    }
    synchronized (lock) {
      // The turn that is under way may have looked before the channel was closed.
      long end = turns + 2;
      waiting++;
      try {
        while (turns < end && !isClosed) {
          selector.wakeup();
          lock.wait();
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      } finally {
        waiting--;
      }
    }
  }

  private void run() {
    while (!isClosed) {
      try {
        turn();
      } catch (IOException | RuntimeException | Error failure) {
        failed(failure);
      }
      if (hasFailed) {
        hasFailed = false;
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    try {
      selector.close();
    } catch (IOException ignored) {
      // It has no channels left that could be in need of it.
    }
  }

  private void turn() throws IOException {
    selector.select(collect, sleepMillis);
    synchronized (lock) {
      try {
        for (int i = 0; i < readyCount; i++) {
          handle(ready[i]);
        }
        timers.run(nanos());
      } finally {
        Arrays.fill(ready, 0, readyCount, null);
        readyCount = 0;
        turns++;
        if (waiting > 0) {
          lock.notifyAll();
        }
        closedChannels = 0;
        sleepMillis = sleepMillis();
      }
    }
  }

  private void handle(SelectionKey key) {
    try {
      if (key.isValid() && key.attachment() instanceof Handler handler) {
        handler.ready(key);
      }
    } catch (RuntimeException | Error defect) {
      failed(defect);
    }
  }

  private void failed(Throwable defect) {
    hasFailed = true;
    defects.tell("the network's event loop goes on after", defect);
  }

  private long sleepMillis() {
    long now = nanos();
    long next = timers.nextNanos();
    long millis = next == Timers.NEVER ? MAX_SLEEP_MILLIS : (next - now + 999_999) / 1_000_000;
    millis = Math.clamp(millis, 1, MAX_SLEEP_MILLIS);
    wakeAtNanos = now + millis * 1_000_000;
    return millis;
  }

  private void collect(SelectionKey key) {
    if (readyCount == ready.length) {
      ready = Arrays.copyOf(ready, readyCount * 2);
    }
    ready[readyCount++] = key;
  }

  @Override
  public void close() {
    synchronized (lock) {
      isClosed = true;
      lock.notifyAll();
    }
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
