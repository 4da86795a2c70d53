package org.maloca.devices.virtio;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A thread that serves one queue: asleep until the driver notifies it, then request after request
 * until there are no more. For a queue that is not served it only brings the notification off the
 * vCPU's thread. Where the device can, requests that are quickly done are served by who notifies,
 * while the worker sleeps on; if the device says that word of them is not urgent, the worker gives
 * it, once for all that were served meanwhile. Requests that wait for a limit are set aside, so
 * that others get on.
 */
final class QueueWorker implements Runnable {
  /** A vCPU should get on: with more than this, the rest is the worker's. */
  private static final int MAX_AT_ONCE = 64;

  private static final long MAX_BYTES_AT_ONCE = 2 << 20;

  private final VirtioDevice device;
  private final VirtioQueue queue;

  /** Used under the queue's lock. */
  private DescriptorChain chain = new DescriptorChain();

  /** What waits for a limit, since the first time that something did; under the queue's lock. */
  private @Nullable WaitingRequests waiting;

  /** Whether what waits is to be asked again what it waits for. */
  private volatile boolean isToReconsider;

  /** Whether something waits that is due at {@link #dueNanos}; of the worker's thread. */
  private boolean hasDue;

  private long dueNanos;

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

  /** Sleeps until it is woken or a request is due, and gives word in time meanwhile. */
  private void sleep() {
    boolean hasOwed = false;
    while (!isAwake && !isEnding) {
      long untilDue = hasDue ? dueNanos - System.nanoTime() : Long.MAX_VALUE;
      if (untilDue <= 0) {
        return;
      }
      if (owesWord || hasOwed) {
        isTiming = true;
        sleepNanos(device.wordDelayNanos(queue.index()));
        // More of the same is likely: who asks for it need not wake this thread.
        hasOwed = owesWord;
        giveWord();
      } else {
        isTiming = false;
        if (!owesWord && hasDue) {
          LockSupport.parkNanos(this, untilDue);
        } else if (!owesWord) {
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
        WaitingRequests later = waiting;
        hasDue = later != null && !later.isEmpty() && queue.isLive();
        if (later != null && hasDue) {
          dueNanos = later.dueNanos(System.nanoTime());
        }
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
      if (waiting != null && !waiting.isEmpty()) {
        // Maybe for what this request has to get in line behind.
        return false;
      }
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
        fill(chain, written);
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
   * hold at once. Those that wait for a limit are asked again, and go on waiting if they still do.
   */
  void drain() {
    if (!queue.claim()) {
      return;
    }
    boolean leavesSome;
    try {
      queue.release();
      int size = queue.registers.size;
      boolean goesOn = queue.isLive() && reconsider(false);
      for (int i = 0; i < size && goesOn && queue.isLive(); i++) {
        // No more than the ring holds can be in the way.
        goesOn = makeRoom(size) && queue.pop(chain) && serveTaken();
      }
      leavesSome = waiting != null && !waiting.isEmpty();
    } finally {
      queue.unlock();
    }
    if (leavesSome) {
      wake();
    }
  }

  /** Lets what waits go ahead, as far as more could not be taken in; false if one is held. */
  private boolean makeRoom(int size) {
    WaitingRequests later = waiting;
    for (int i = 0; later != null && later.isFull(size); i++) {
      DescriptorChain next = later.takeNext(System.nanoTime());
      // A guest may have them ask for something else again and again.
      if (next == null || !serveWaiting(later, next) || i == size) {
        return false;
      }
    }
    return true;
  }

  /** Has requests that wait ask anew, by and by: what they wait for has changed. Any thread. */
  void reconsiderSoon() {
    isToReconsider = true;
    if (thread != null) {
      wake();
    }
  }

  /**
   * Has requests that wait ask anew what they wait for; false if one is held.
   *
   * @param yields whether somebody else who wants the queue puts off the rest
   */
  private boolean reconsider(boolean yields) {
    isToReconsider = false;
    WaitingRequests later = waiting;
    DescriptorChain next = later == null ? null : later.takeAll();
    boolean isHeld = false;
    while (later != null && next != null) {
      DescriptorChain request = next;
      next = request.next;
      request.next = null;
      if (isHeld || !queue.isLive() || yields && queue.isWantedElsewhere()) {
        isToReconsider = true;
        later.add(request, System.nanoTime());
        continue;
      }
      int releases = queue.releases();
      long written = device.serve(queue, request);
      if (written == VirtioDevice.LIMITED) {
        later.add(request, System.nanoTime());
      } else if (written == VirtioDevice.LATER) {
        // It waits for no limit any more.
        request.admission().grant(System.nanoTime());
        later.add(request, System.nanoTime());
        queue.hold(releases);
        isHeld = true;
      } else {
        give(request, written);
        later.recycle(request);
      }
    }
    return !isHeld;
  }

  /** Forgets requests that wait; under the queue's lock. */
  void forget() {
    if (waiting != null) {
      waiting.clear();
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
    if (written == VirtioDevice.LIMITED) {
      WaitingRequests later = waiting();
      later.add(chain, System.nanoTime());
      chain = later.unused();
      return true;
    }
    give(chain, written);
    return true;
  }

  private WaitingRequests waiting() {
    WaitingRequests later = waiting;
    if (later == null) {
      later = new WaitingRequests();
      waiting = later;
    }
    return later;
  }

  /** Serves a request that has waited; false when it is kept to be served later. */
  private boolean serveWaiting(WaitingRequests later, DescriptorChain request) {
    int releases = queue.releases();
    long written = device.serve(queue, request);
    if (written == VirtioDevice.LATER) {
      later.putBack(request);
      queue.hold(releases);
      return false;
    }
    if (written == VirtioDevice.LIMITED) {
      // By another limit, or the guest has changed what it asks for.
      later.add(request, System.nanoTime());
      return true;
    }
    give(request, written);
    later.recycle(request);
    return true;
  }

  private void give(DescriptorChain request, long written) {
    fill(request, written);
    queue.publish();
    owesWord = false;
    queue.signal();
  }

  private void fill(DescriptorChain request, long written) {
    // What counts as written starts at the front; the device may have gone further.
    queue.fill(request, written, written == 0 ? 0 : request.writable().bytes());
  }

  /** Serves until nothing is left (false) or somebody else wants the queue (true). */
  private boolean serveBatch() {
    queue.setNotified(false);
    boolean isPromised = false;
    while (!queue.isWantedElsewhere()) {
      WaitingRequests later = waiting;
      if (later != null && isToReconsider && !reconsider(true)) {
        return false;
      }
      DescriptorChain due = later == null ? null : later.takeDue(System.nanoTime());
      if (later != null && due != null) {
        if (!serveWaiting(later, due)) {
          return false;
        }
      } else if (later != null && later.isFull(queue.registers.size)) {
        return false;
      } else if (queue.pop(chain)) {
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

  /** Writes the requests that wait, as the driver will not name them again. */
  void save(SnapshotWriter.Section section) {
    WaitingRequests later = waiting;
    section.put(later != null && !later.isEmpty());
    if (later != null && !later.isEmpty()) {
      later.save(section);
    }
  }

  void restore(SnapshotReader.Section section, GuestMemory memory) {
    if (section.getBoolean()) {
      waiting().restore(section, memory, queue.registers.size, System.nanoTime());
    }
  }
}
