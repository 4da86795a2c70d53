package org.maloca.devices.virtio;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.maloca.core.defect.DefectLog;
import org.maloca.core.device.Device;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A virtio device without its transport: features, status, queues and configuration (virtio 1.2,
 * sections 2 and 3). {@link VirtioPci} and {@link VirtioMmio} bring it to the guest.
 *
 * <p>Queues have a worker thread each, which calls {@link #serve} for each request. A device whose
 * queue waits for the host instead (to receive) says so by {@link #isServed} and uses the queue
 * from any thread, under the queue's lock; the worker then only tells it, by {@link #notified},
 * that the driver has added buffers.
 *
 * <p>Locks: the device's, then a queue's, then those of the interrupt controllers. Registers are
 * touched under the device's lock, by vCPU threads.
 */
public abstract class VirtioDevice implements Device {
  /**
   * Answer of {@link #serve}: keep the request; it is served again after a resume or {@link
   * #retry}.
   */
  public static final long LATER = -1;

  /**
   * Answer of {@link #serve}: keep the request until it is granted what it has asked its {@link
   * DescriptorChain#admission} for, and serve others meanwhile. Nothing of it was done.
   */
  public static final long LIMITED = -2;

  static final int ACKNOWLEDGE = 1;
  static final int DRIVER = 2;
  static final int DRIVER_OK = 4;
  static final int FEATURES_OK = 8;
  static final int NEEDS_RESET = 64;
  static final int FAILED = 128;

  private static final int WRITABLE_STATUS =
      ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | FAILED;
  private static final int SECTION_VERSION = 2;

  /** Version of the section from which on it has requests that wait for a limit. */
  private static final int WITH_WAITING = 2;

  /** How long a register write waits for requests under way before the rest is done behind it. */
  private static final long SHORT_WAIT_NANOS = 5_000_000;

  private final DefectLog defects = new DefectLog(System.getLogger(VirtioDevice.class.getName()));
  private final String id;
  private final int type;
  private final long offeredFeatures;
  private final GuestMemory memory;
  private final VirtioQueue[] queues;
  private final QueueWorker[] workers;
  private final AtomicInteger status = new AtomicInteger();
  private volatile long driverFeatures;
  private volatile boolean isPaused;
  private volatile boolean isResetting;
  private @Nullable VirtioTransport transport;

  /**
   * Makes a device that nobody drives yet.
   *
   * @param id unique in the machine
   * @param type device type as OASIS numbers it (virtio 1.2, section 5)
   * @param features of this device type; those of all devices are added
   * @param isPacked whether to offer packed rings as well
   * @param queueSizes the most that each queue can have, powers of two
   */
  protected VirtioDevice(
      String id, int type, long features, boolean isPacked, GuestMemory memory, int... queueSizes) {
    this.id = id;
    this.type = type;
    this.memory = memory;
    offeredFeatures =
        features | VirtioFeatures.COMMON | (isPacked ? VirtioFeatures.RING_PACKED : 0);
    queues = new VirtioQueue[queueSizes.length];
    workers = new QueueWorker[queueSizes.length];
    for (int i = 0; i < queueSizes.length; i++) {
      queues[i] = new VirtioQueue(this, memory, i, queueSizes[i]);
      workers[i] = new QueueWorker(this, queues[i]);
    }
  }

  @Override
  public final String id() {
    return id;
  }

  /** Device type as OASIS numbers it. */
  public final int type() {
    return type;
  }

  /** The configuration structure; may be empty. */
  protected abstract VirtioConfig config();

  /** The driver wrote to the configuration structure; under the device's lock. */
  protected void configWritten(int offset, int size, long value) {}

  /** Whether a queue is served by its worker. */
  protected boolean isServed(int queue) {
    return true;
  }

  /**
   * Serves a request, on the queue's worker and under its lock.
   *
   * @return bytes written into the writable buffers, {@link #LATER} or {@link #LIMITED}
   */
  protected abstract long serve(VirtioQueue queue, DescriptorChain chain);

  /**
   * Whether the driver's notification of a queue may serve what it notifies of, by {@link
   * #serveAtOnce}. That spares both the vCPU and the worker a sleep, where a request takes less
   * time than waking a thread does.
   */
  protected boolean isServedAtOnce(int queue) {
    return false;
  }

  /**
   * Serves a request on the vCPU's thread, under the queue's lock, if that is quick for sure.
   *
   * @return as {@link #serve}; {@link #LATER} leaves the request to the worker
   */
  protected long serveAtOnce(VirtioQueue queue, DescriptorChain chain) {
    return LATER;
  }

  /**
   * How long word of requests served at once may be late, in nanoseconds: drivers that wait for no
   * answer see that they are done when they add the next, and need the interrupt for the last one
   * alone. 0 interrupts for each.
   */
  protected long wordDelayNanos(int queue) {
    return 0;
  }

  /**
   * The driver has put buffers into a queue that is not served, or the machine goes on; on the
   * queue's worker, without locks held.
   */
  protected void notified(VirtioQueue queue) {}

  /** The driver is up; under the device's lock. */
  protected void activated() {}

  /**
   * The driver is gone, and no queue is in use any more; under the device's lock. All that the
   * device remembers of it is forgotten.
   */
  protected void deactivated() {}

  /** Whether the driver has accepted a feature. */
  protected final boolean hasFeature(long bit) {
    return (driverFeatures & bit) != 0;
  }

  /** Which of some features the driver has accepted. */
  protected final long driverFeatures(long bits) {
    return driverFeatures & bits;
  }

  /** Whether the driver is one from before virtio 1.0. */
  protected final boolean isLegacy() {
    return !hasFeature(VirtioFeatures.VERSION_1);
  }

  protected final VirtioQueue queue(int index) {
    return queues[index];
  }

  /** Tells the driver that the configuration structure has changed; any thread. */
  protected final void configChanged() {
    VirtioTransport way = transport;
    if (way != null && (status.get() & DRIVER_OK) != 0) {
      way.interruptConfig();
    }
  }

  /** Tells the driver that the device is lost without a reset (virtio 1.2, section 2.1.2). */
  protected final void needsReset() {
    int before = status.getAndUpdate(current -> current == 0 ? 0 : current | NEEDS_RESET);
    if ((before & NEEDS_RESET) == 0) {
      configChanged();
    }
  }

  /** Whether the driver is up and the machine runs. */
  protected final boolean mayWork() {
    int now = status.get();
    return (now & (DRIVER_OK | NEEDS_RESET)) == DRIVER_OK && !isPaused && !isResetting;
  }

  final void connect(VirtioTransport way) {
    transport = way;
  }

  final void interruptQueue(int vector) {
    VirtioTransport way = transport;
    if (way != null) {
      way.interruptQueue(vector);
    }
  }

  final int queueCount() {
    return queues.length;
  }

  /** A queue's registers, or null when there is no such queue. */
  final @Nullable QueueRegisters queueRegisters(int index) {
    return index >= 0 && index < queues.length ? queues[index].registers : null;
  }

  final long offeredFeatures() {
    return offeredFeatures;
  }

  final long driverFeatures() {
    return driverFeatures;
  }

  /** Takes the driver's choice of features, as long as it may still choose. */
  final synchronized void setDriverFeatures(long features) {
    if ((status.get() & (FEATURES_OK | DRIVER_OK)) == 0) {
      driverFeatures = features;
    }
  }

  /** Bits 0..31 (0) or 32..63 (1) of the offered features; 0 for others. */
  final int offeredHalf(int select) {
    return half(offeredFeatures, select);
  }

  /** The same of those that the driver chose. */
  final int driverHalf(int select) {
    return half(driverFeatures, select);
  }

  private static int half(long features, int select) {
    return select == 0 ? (int) features : select == 1 ? (int) (features >>> 32) : 0;
  }

  /** Takes a half of the driver's choice, as long as it may still choose. */
  final synchronized void setDriverHalf(int select, int value) {
    if (select == 0) {
      setDriverFeatures(QueueRegisters.low(driverFeatures, value));
    } else if (select == 1) {
      setDriverFeatures(QueueRegisters.high(driverFeatures, value));
    }
  }

  final int status() {
    return status.get();
  }

  /** The driver wrote the status register. */
  final synchronized void writeStatus(int value) {
    if (value == 0) {
      beginReset();
      return;
    }
    if (isResetting) {
      return;
    }
    int before = status.get();
    int added = value & WRITABLE_STATUS & ~before;
    if ((added & FEATURES_OK) != 0 && !acceptsFeatures()) {
      added &= ~FEATURES_OK;
    }
    int asked = added;
    status.updateAndGet(current -> current | asked);
    if ((added & DRIVER_OK) != 0) {
      openQueues();
      activated();
      wakeAll();
    }
  }

  /** Whether the driver is up, though the machine may be paused. */
  protected final boolean isDriven() {
    return (status.get() & (DRIVER_OK | NEEDS_RESET)) == DRIVER_OK && !isResetting;
  }

  /** Something of the device's own went wrong on a worker: the driver has to start afresh. */
  final void failed(Throwable broken) {
    defects.tell("device " + id, broken);
    needsReset();
  }

  private boolean acceptsFeatures() {
    return (driverFeatures & ~offeredFeatures) == 0
        && (driverFeatures & VirtioFeatures.VERSION_1) != 0;
  }

  private void openQueues() {
    // A driver from before 1.0 enables features without asking whether they are right.
    driverFeatures &= offeredFeatures;
    for (VirtioQueue queue : queues) {
      if (queue.registers.isEnabled) {
        open(queue);
      }
    }
  }

  private void open(VirtioQueue queue) {
    queue.lock();
    try {
      queue.release();
      if (!queue.open(
          hasFeature(VirtioFeatures.RING_PACKED), hasFeature(VirtioFeatures.EVENT_IDX))) {
        needsReset();
      }
    } finally {
      queue.unlock();
    }
  }

  /** The driver enabled a queue. */
  final synchronized void enableQueue(int index) {
    VirtioQueue queue = queues[index];
    if (queue.registers.isEnabled || isResetting) {
      return;
    }
    queue.registers.isEnabled = true;
    if ((status.get() & DRIVER_OK) != 0) {
      open(queue);
      notifyQueue(index);
    }
  }

  /** The driver took one queue back (virtio 1.2, section 2.6.1). */
  final synchronized void resetQueue(int index) {
    VirtioQueue queue = queues[index];
    if (hasFeature(VirtioFeatures.RING_RESET) && queue.claim()) {
      close(index);
      queue.registers.reset();
      queue.unlock();
    }
  }

  /** The driver says that there is something in a queue. Safe for any thread. */
  final void notifyQueue(int index) {
    if (index < 0 || index >= queues.length || !mayWork()) {
      return;
    }
    if (!isServedAtOnce(index) || !workers[index].serveAtOnce()) {
      workers[index].wake();
    }
  }

  /** The driver stops a queue for now; what it said of it stays (virtio 1.2, section 4.2.2.2). */
  final synchronized void disableQueue(int index) {
    VirtioQueue queue = queues[index];
    if (queue.registers.isEnabled && queue.claim()) {
      close(index);
      queue.registers.isEnabled = false;
      queue.unlock();
    }
  }

  /** Has requests of a queue served again that were answered with {@link #LATER}; any thread. */
  protected final void retry(int index) {
    queues[index].release();
    notifyQueue(index);
  }

  /** Has requests that wait for a limit ask anew what they wait for; any thread. */
  protected final void reconsider() {
    for (QueueWorker worker : workers) {
      worker.reconsiderSoon();
    }
  }

  /**
   * Serves what another queue holds now on the calling thread, and waits for the request that is
   * under way there. The thread holds no lock but that of a queue with a lower number. Requests
   * that were put back to be served later are served, unless they are put back again; those that
   * wait for a limit are served as far as they do not wait any more.
   */
  protected final void drain(int index) {
    workers[index].drain();
  }

  /** Whether a queue has requests that wait for the machine to be resumed. */
  protected final boolean isHeld(int index) {
    return queues[index].isHeld();
  }

  private void wakeAll() {
    for (int i = 0; i < queues.length; i++) {
      notifyQueue(i);
    }
  }

  private void beginReset() {
    if (status.get() == 0 || isResetting) {
      return;
    }
    isResetting = true;
    if (closeQueues(queue -> queue.claim(SHORT_WAIT_NANOS))) {
      finishReset();
      return;
    }
    // The status stays as it is until then, which tells the driver that the reset goes on.
    Thread.ofPlatform()
        .name(id + "-reset")
        .daemon()
        .start(() -> {
          if (closeQueues(VirtioQueue::claim)) {
            synchronized (this) {
              // A reset of the machine may have come first.
              if (isResetting) {
                finishReset();
              }
            }
          }
        });
  }

  private boolean closeQueues(Predicate<VirtioQueue> claim) {
    for (int i = 0; i < queues.length; i++) {
      if (!claim.test(queues[i])) {
        return false;
      }
      close(i);
      queues[i].unlock();
    }
    return true;
  }

  /** Lets go of a queue and of the requests that were taken from it; under its lock. */
  private void close(int index) {
    queues[index].close();
    workers[index].forget();
  }

  private void finishReset() {
    for (VirtioQueue queue : queues) {
      queue.registers.reset();
      queue.release();
    }
    deactivated();
    driverFeatures = 0;
    isResetting = false;
    status.set(0);
  }

  /** Stops work and returns when no request is being served. */
  @Override
  public void pause() {
    isPaused = true;
    for (int i = 0; i < queues.length; i++) {
      if (queues[i].claim()) {
        workers[i].giveWord();
        queues[i].unlock();
      }
    }
  }

  @Override
  public void resume() {
    isPaused = false;
    for (VirtioQueue queue : queues) {
      queue.release();
    }
    wakeAll();
  }

  @Override
  public void start() {
    isPaused = false;
  }

  @Override
  public void reset() {
    synchronized (this) {
      isResetting = true;
      if (closeQueues(VirtioQueue::claim)) {
        finishReset();
      }
    }
  }

  @Override
  public void close() {
    pause();
    for (QueueWorker worker : workers) {
      worker.end();
    }
  }

  @Override
  public synchronized void save(SnapshotWriter writer) {
    SnapshotWriter.Section section = writer.section(id + ".virtio", SECTION_VERSION);
    section.put(status.get());
    section.put(driverFeatures);
    section.put(queues.length);
    for (int i = 0; i < queues.length; i++) {
      queues[i].registers.save(section);
      Virtqueue ring = queues[i].ring();
      section.put(ring != null);
      if (ring != null) {
        ring.save(section);
      }
      workers[i].save(section);
    }
  }

  @Override
  public synchronized void restore(SnapshotReader reader) {
    SnapshotReader.Section section = reader.section(id + ".virtio", SECTION_VERSION);
    int savedStatus = section.getInt();
    driverFeatures = section.getLong() & offeredFeatures;
    if (section.getInt() != queues.length) {
      throw new SnapshotException(id + " had another number of queues");
    }
    for (int i = 0; i < queues.length; i++) {
      VirtioQueue queue = queues[i];
      queue.registers.restore(section);
      close(i);
      if (section.getBoolean()) {
        queue.open(hasFeature(VirtioFeatures.RING_PACKED), hasFeature(VirtioFeatures.EVENT_IDX));
        Virtqueue ring = queue.ring();
        if (ring == null) {
          throw new SnapshotException(id + " had a queue outside RAM");
        }
        ring.restore(section);
      }
      if (section.version() >= WITH_WAITING) {
        workers[i].restore(section, memory);
      }
    }
    status.set(savedStatus);
    if ((savedStatus & DRIVER_OK) != 0) {
      activated();
    }
  }
}
