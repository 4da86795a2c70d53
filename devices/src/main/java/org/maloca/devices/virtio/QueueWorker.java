package org.maloca.devices.virtio;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that serves one queue: asleep until the driver notifies it, then request after request
 * until there are no more. For a queue that is not served it only brings the notification off the
 * vCPU's thread. Where the device can, requests that are quickly done are served by who notifies,
 * while the worker sleeps on; if the device says that word of them is not urgent, the worker gives
 * it, once for all that were served meanwhile.
 */
final class QueueWorker implements Runnable {
  /** A vCPU should get on: with more than this, the rest is the worker's. */
  private static final int MAX_AT_ONCE = 64;

  private static final long MAX_BYTES_AT_ONCE = 2 << 20;

  private final VirtioDevice device;
  private final VirtioQueue queue;

  /** Used under the queue's lock. */
  private final DescriptorChain chain = new DescriptorChain();

  private final String name;
  private volatile boolean isAwake;
  private volatile boolean isEnding;

  /** Whether the driver is to hear of requests that were served at once. */
  private volatile boolean owesWord;

  /** Whether the worker looks at {@link #owesWord} by itself before long. */
  private volatile boolean isTiming;

  private volatile @Nullable Thread thread;

  QueueWorker(VirtioDevice device, VirtioQueue queue) {
    this.device = device;
    this.queue = queue;
    name = "%s-%d".formatted(device.id(), queue.index());
  }

  /** Wakes the worker, which is started when it is first needed. Safe for any thread. */
  void wake() {
    if (isAwake) {
      return;
    }
    isAwake = true;
    LockSupport.unpark(started());
  }

  private @Nullable Thread started() {
    Thread running = thread;
    return running != null ? running : start();
  }

  private synchronized @Nullable Thread start() {
    if (thread == null && !isEnding) {
      thread = Thread.ofPlatform().name(name).daemon().start(this);
    }
    return thread;
  }

  /** Ends the thread and waits for that; no request is being served (the device is paused). */
  void end() {
    Thread last;
    synchronized (this) {
      isEnding = true;
      last = thread;
    }
    if (last == null) {
      return;
    }
    LockSupport.unpark(last);
    try {
      last.join();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    while (!isEnding) {
      sleep();
      isAwake = false;
      try {
        attend();
      } catch (RuntimeException | Error broken) {
        device.failed(broken);
      }
    }
  }

  /** Sleeps until it is woken, and gives word in time meanwhile. */
  private void sleep() {
    boolean hasOwed = false;
    while (!isAwake && !isEnding) {
      if (owesWord || hasOwed) {
        isTiming = true;
        sleepNanos(device.wordDelayNanos(queue.index()));
        // More of the same is likely: who asks for it need not wake this thread.
        hasOwed = owesWord;
        giveWord();
      } else {
        isTiming = false;
        if (!owesWord) {
          LockSupport.park(this);
        }
      }
    }
  }

  private void sleepNanos(long nanos) {
    long end = System.nanoTime() + nanos;
    long left = nanos;
    while (left > 0 && !isAwake && !isEnding) {
      LockSupport.parkNanos(this, left);
      left = end - System.nanoTime();
    }
  }

  /** Interrupts the driver for what was served at once, unless it has heard of that since. */
  void giveWord() {
    queue.lock();
    try {
      if (owesWord) {
        owesWord = false;
        queue.signal();
      }
    } finally {
      queue.unlock();
    }
  }

  private void oweWord() {
    owesWord = true;
    if (!isTiming) {
      LockSupport.unpark(started());
    }
  }

  private void attend() {
    if (device.isServed(queue.index())) {
      serve();
    } else if (!isEnding) {
      device.notified(queue);
    }
  }

  private void serve() {
    boolean hasMore = true;
    while (hasMore && !isEnding) {
      queue.lock();
      try {
        hasMore = queue.isLive() && serveBatch();
      } finally {
        queue.unlock();
      }
      while (queue.isWantedElsewhere()) {
        // The lock is not fair: who waits for it could wait for ever.
        Thread.onSpinWait();
      }
    }
  }

  /**
   * Serves on the calling thread what the device serves at once, unless somebody serves the queue
   * already.
   *
   * @return whether nothing is left for the worker
   */
  boolean serveAtOnce() {
    if (isAwake || !queue.tryLock()) {
      return false;
    }
    boolean isUrgent = device.wordDelayNanos(queue.index()) == 0;
    boolean isAnyServed = false;
    try {
      long bytes = 0;
      for (int i = 0; i < MAX_AT_ONCE && bytes < MAX_BYTES_AT_ONCE && queue.isLive(); i++) {
        if (!queue.pop(chain)) {
          queue.setNotified(true);
          if (!queue.hasNext()) {
            return true;
          }
          continue;
        }
        long length = chain.readable().bytes() + chain.writable().bytes();
        // What is larger is copied beside the vCPU.
        long written =
            length > MAX_BYTES_AT_ONCE ? VirtioDevice.LATER : device.serveAtOnce(queue, chain);
        if (written == VirtioDevice.LATER) {
          queue.unpop(chain);
          return false;
        }
        fill(written);
        isAnyServed = true;
        bytes += length;
      }
      return false;
    } catch (RuntimeException | Error broken) {
      device.failed(broken);
      return true;
    } finally {
      if (isAnyServed) {
        // The driver waits on this very thread as a rule, and would see none of them earlier.
        queue.publish();
        if (isUrgent) {
          queue.signal();
        } else if (!owesWord) {
          oweWord();
        }
      }
      queue.unlock();
    }
  }

  /**
   * Serves what is in the queue on the calling thread, held requests too, up to as many as it can
   * hold at once.
   */
  void drain() {
    if (!queue.claim(device::hurry)) {
      return;
    }
    try {
      queue.release();
      for (int i = 0; i < queue.registers.size; i++) {
        if (!queue.isLive() || !queue.pop(chain) || !serveTaken()) {
          return;
        }
      }
    } finally {
      queue.unlock();
    }
  }

  /** Serves the request that was taken; false when it was put back to be served later. */
  private boolean serveTaken() {
    int releases = queue.releases();
    long written = device.serve(queue, chain);
    if (written == VirtioDevice.LATER) {
      queue.unpop(chain);
      queue.hold(releases);
      return false;
    }
    give(written);
    return true;
  }

  private void give(long written) {
    fill(written);
    queue.publish();
    owesWord = false;
    queue.signal();
  }

  private void fill(long written) {
    // What counts as written starts at the front; the device may have gone further.
    queue.fill(chain, written, written == 0 ? 0 : chain.writable().bytes());
  }

  /** Serves until nothing is left (false) or somebody else wants the queue (true). */
  private boolean serveBatch() {
    queue.setNotified(false);
    boolean isPromised = false;
    while (!queue.isWantedElsewhere()) {
      if (queue.pop(chain)) {
        isPromised = false;
        if (!serveTaken()) {
          return false;
        }
      } else {
        queue.setNotified(true);
        // A ring that lies over its own event fields has a request again each time it is asked.
        if (isPromised || !queue.hasNext()) {
          return false;
        }
        queue.setNotified(false);
        isPromised = true;
      }
    }
    return true;
  }
}
