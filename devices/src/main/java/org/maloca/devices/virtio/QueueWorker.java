package org.maloca.devices.virtio;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that serves one queue: asleep until the driver notifies it, then request after request
 * until there are no more. For a queue that is not served it only brings the notification off the
 * vCPU's thread.
 */
final class QueueWorker implements Runnable {
  private final VirtioDevice device;
  private final VirtioQueue queue;
  private final DescriptorChain chain = new DescriptorChain();
  private final String name;
  private volatile boolean isAwake;
  private volatile boolean isEnding;
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
      while (!isAwake && !isEnding) {
        LockSupport.park(this);
      }
      isAwake = false;
      try {
        attend();
      } catch (RuntimeException | Error broken) {
        device.failed(broken);
      }
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

  /** Serves until nothing is left (false) or somebody else wants the queue (true). */
  private boolean serveBatch() {
    queue.setNotified(false);
    boolean isPromised = false;
    while (!queue.isWantedElsewhere()) {
      if (queue.pop(chain)) {
        isPromised = false;
        long written = device.serve(queue, chain);
        if (written == VirtioDevice.LATER) {
          queue.unpop(chain);
          queue.setHeld(true);
          return false;
        }
        // What counts as written starts at the front; the device may have gone further.
        queue.push(chain, written, written == 0 ? 0 : chain.writable().bytes());
        queue.signal();
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
