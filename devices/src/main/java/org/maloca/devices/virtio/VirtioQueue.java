package org.maloca.devices.virtio;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.GuestMemory;

/**
 * One queue of a device: what the driver said of it, the ring while it is in use, and the lock
 * under which requests are taken and given back. Who holds the lock keeps the device from being
 * reset or paused, so holds it for one request at a time where that may take long, and lets go when
 * {@link #isWantedElsewhere}.
 */
public final class VirtioQueue {
  final QueueRegisters registers;

  private final VirtioDevice device;

  private final int index;
  private final ReentrantLock lock = new ReentrantLock();
  private final GuestMemory memory;
  private volatile int claims;
  private volatile boolean isHeld;

  /** Written under the lock of {@link #registers}, as {@link #isHeld} is. */
  private volatile int releases;

  private @Nullable Virtqueue ring;

  VirtioQueue(VirtioDevice device, GuestMemory memory, int index, int maxSize) {
    this.device = device;
    this.memory = memory;
    this.index = index;
    registers = new QueueRegisters(maxSize);
  }

  public int index() {
    return index;
  }

  /** Takes the lock; devices do it before everything below. */
  public void lock() {
    lock.lock();
  }

  /** Takes the lock if nobody has it. */
  boolean tryLock() {
    return lock.tryLock();
  }

  public void unlock() {
    lock.unlock();
  }

  /** Whether a reset or a pause waits for the lock. */
  public boolean isWantedElsewhere() {
    return claims != 0;
  }

  /** Takes the lock for a reset or pause; answers whether that went within the time. */
  boolean claim(long timeoutNanos) {
    return claim(() -> lock.tryLock(timeoutNanos, TimeUnit.NANOSECONDS));
  }

  /**
   * Takes the lock for a reset or pause, however long the request under way takes; answers whether
   * that went without an interrupt of the thread.
   */
  boolean claim() {
    return claim(() -> {
      lock.lockInterruptibly();
      return true;
    });
  }

  private boolean claim(Locking way) {
    synchronized (registers) {
      claims++;
    }
    try {
      return way.lock();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      synchronized (registers) {
        claims--;
      }
    }
  }

  /** Whether requests can be taken: the driver is up, and the machine not paused. */
  public boolean isLive() {
    return ring != null && !isHeld && device.mayWork();
  }

  boolean isHeld() {
    return isHeld;
  }

  /** How often requests were let go so far: for {@link #hold}. */
  int releases() {
    return releases;
  }

  /**
   * Has requests wait for the machine to be resumed or the device to ask for them, unless they were
   * let go since {@code releases} was read: who serves again what comes too early, in vain, would
   * wait for ever.
   */
  void hold(int since) {
    synchronized (registers) {
      isHeld |= releases == since;
    }
  }

  /** Lets requests be served. */
  void release() {
    synchronized (registers) {
      releases++;
      isHeld = false;
    }
  }

  /**
   * Takes the driver's next request.
   *
   * @return false when there is none, or the queue is not live
   */
  public boolean pop(DescriptorChain chain) {
    Virtqueue taken = ring;
    if (taken == null || !device.mayWork()) {
      return false;
    }
    switch (taken.pop(chain)) {
      case EMPTY -> {
        return false;
      }
      case CHAIN -> {
        return true;
      }
      case BROKEN -> {
        ring = null;
        device.needsReset();
        return false;
      }
    }
    throw new IllegalStateException();
  }

  /**
   * Puts the request taken last back, to be taken again; several in the opposite order. Nothing of
   * it was given back yet.
   */
  public void unpop(DescriptorChain chain) {
    if (ring != null) {
      ring.unpop(chain);
    }
  }

  /**
   * Gives a request back, with the number of bytes written into its buffers from their start, and
   * leaves the interrupt to {@link #signal}.
   */
  public void push(DescriptorChain chain, long written) {
    push(chain, written, written);
  }

  /**
   * As {@link #push(DescriptorChain, long)} where more was touched than counts as written: of the
   * buffers' bytes the first {@code touched}.
   */
  public void push(DescriptorChain chain, long written, long touched) {
    fill(chain, written, touched);
    publish();
  }

  /**
   * As {@link #push(DescriptorChain, long, long)}, but the driver sees it after {@link #publish}.
   */
  public void fill(DescriptorChain chain, long written, long touched) {
    if (ring != null) {
      chain.noteWritten(memory, touched);
      ring.fill(chain, (int) Math.min(written, 0xffff_ffffL));
    }
  }

  /** Shows the driver all requests that were given back, at once. */
  public void publish() {
    if (ring != null) {
      ring.publish();
    }
  }

  /** Interrupts the driver if it wants to hear of what was pushed. */
  public void signal() {
    if (ring != null && ring.needsInterrupt()) {
      device.interruptQueue(registers.vector);
    }
  }

  /**
   * Says whether the driver should tell when it has more. Ask {@link #hasNext} again after saying
   * yes.
   */
  public void setNotified(boolean isWanted) {
    if (ring != null) {
      ring.setNotified(isWanted);
    }
  }

  /** Whether the driver has a request for us. */
  public boolean hasNext() {
    return ring != null && ring.hasNext();
  }

  /** The ring, which a snapshot holds. */
  @Nullable Virtqueue ring() {
    return ring;
  }

  /** Opens the ring; false when it is not in RAM or has no size. */
  boolean open(boolean isPacked, boolean hasEventIndex) {
    ring =
        registers.isSizeGood(isPacked)
            ? Descriptors.open(memory, registers, isPacked, hasEventIndex)
            : null;
    return ring != null;
  }

  /** Lets go of the ring; what is given back from now on goes nowhere. */
  void close() {
    ring = null;
  }

  private interface Locking {
    boolean lock() throws InterruptedException;
  }
}
