package org.maloca.devices.virtio.balloon;

import java.util.Map;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * A memory balloon (virtio 1.2, section 5.5). Pages that the guest puts in, or reports as free, go
 * back to the host at once; they come again, as zeros, when the guest touches them.
 */
public final class VirtioBalloon extends VirtioDevice {
  private static final int TYPE = 5;

  private static final long F_STATS_VQ = 1L << 1;
  private static final long F_DEFLATE_ON_OOM = 1L << 2;
  private static final long F_PAGE_POISON = 1L << 4;
  private static final long F_PAGE_REPORTING = 1L << 5;

  private static final int CONFIG_BYTES = 16;
  private static final int NUM_PAGES = 0;
  private static final int ACTUAL = 4;
  private static final int POISON_VAL = 12;

  private static final int INFLATE = 0;
  private static final int DEFLATE = 1;
  private static final int FIRST_OPTIONAL = 2;

  /** Pages of the balloon are of this size, whatever the guest's are. */
  private static final int PAGE_SHIFT = 12;

  private static final int SECTION_VERSION = 1;
  private static final int PFN_BYTES = 4;
  private static final int QUEUE_SIZE = 128;

  /** More page numbers, or free bytes, in one request are not looked at. */
  private static final int MAX_PFNS = 1 << 16;

  private static final long MAX_REPORT_BYTES = 1L << 30;

  private final GuestMemory memory;
  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);
  private final DescriptorChain statisticsChain = new DescriptorChain();
  private final byte[] pfns = new byte[256 * PFN_BYTES];

  /** Whether the guest's buffer for statistics is here, to be given back to ask for new ones. */
  private boolean hasStatisticsChain;

  private volatile BalloonStatistics statistics = new BalloonStatistics(Map.of());

  /**
   * Makes an empty balloon.
   *
   * @param isPacked whether packed rings are offered
   */
  public VirtioBalloon(String id, GuestMemory memory, boolean isPacked) {
    super(
        id,
        TYPE,
        F_STATS_VQ | F_DEFLATE_ON_OOM | F_PAGE_POISON | F_PAGE_REPORTING,
        isPacked,
        memory,
        QUEUE_SIZE,
        QUEUE_SIZE,
        QUEUE_SIZE,
        QUEUE_SIZE);
    this.memory = memory;
  }

  /** Asks the guest to give up so many bytes, in whole pages of 4 KiB. Any thread. */
  public void setTargetBytes(long bytes) {
    config.set(NUM_PAGES, 4, Math.clamp(bytes >>> PAGE_SHIFT, 0, 0xffff_ffffL));
    configChanged();
  }

  public long targetBytes() {
    return config.get(NUM_PAGES, 4) << PAGE_SHIFT;
  }

  /** What the guest says that it has given up. */
  public long actualBytes() {
    return config.get(ACTUAL, 4) << PAGE_SHIFT;
  }

  /** Whether a driver of the guest does what the balloon asks for. */
  public boolean isInUse() {
    return isDriven();
  }

  /** What the guest told last. */
  public BalloonStatistics statistics() {
    return statistics;
  }

  /** Asks for new statistics, which {@link #statistics} answers once they have come. */
  public void requestStatistics() {
    VirtioQueue queue = queue(FIRST_OPTIONAL);
    queue.lock();
    try {
      if (hasStatisticsChain && queue.isLive()) {
        hasStatisticsChain = false;
        queue.push(statisticsChain, 0);
        queue.signal();
        takeStatistics(queue);
      }
    } finally {
      queue.unlock();
    }
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected void configWritten(int offset, int size, long value) {
    boolean isField = offset == ACTUAL || offset == POISON_VAL && hasFeature(F_PAGE_POISON);
    if (isField && size == 4) {
      config.set(offset, 4, value);
    } else if (offset >= ACTUAL && offset + size <= ACTUAL + 4) {
      config.set(offset, size, value);
    }
  }

  @Override
  protected void deactivated() {
    config.set(ACTUAL, 4, 0);
    config.set(POISON_VAL, 4, 0);
    VirtioQueue queue = queue(FIRST_OPTIONAL);
    queue.lock();
    hasStatisticsChain = false;
    queue.unlock();
    statistics = new BalloonStatistics(Map.of());
  }

  private boolean isStatistics(int queue) {
    return queue == FIRST_OPTIONAL && hasFeature(F_STATS_VQ);
  }

  @Override
  protected boolean isServed(int queue) {
    return !isStatistics(queue);
  }

  @Override
  protected void notified(VirtioQueue queue) {
    queue.lock();
    try {
      takeStatistics(queue);
    } finally {
      queue.unlock();
    }
  }

  private void takeStatistics(VirtioQueue queue) {
    if (!hasStatisticsChain && queue.isLive() && queue.pop(statisticsChain)) {
      hasStatisticsChain = true;
      statistics = BalloonStatistics.read(statisticsChain.readable());
    }
    queue.setNotified(true);
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    switch (queue.index()) {
      case INFLATE -> inflate(chain.readable());
      case DEFLATE -> {
        // The pages come back as they are touched.
      }
      default -> takeFree(chain);
    }
    return 0;
  }

  private void inflate(IoVector request) {
    long count = Math.min(request.bytes() / PFN_BYTES, MAX_PFNS);
    long runStart = -1;
    long runEnd = -1;
    for (long done = 0; done < count; ) {
      int here = (int) Math.min(count - done, pfns.length / PFN_BYTES);
      request.copyTo(done * PFN_BYTES, pfns, 0, here * PFN_BYTES);
      for (int i = 0; i < here; i++) {
        long gpa = pfn(i) << PAGE_SHIFT;
        if (gpa == runEnd) {
          runEnd += 1 << PAGE_SHIFT;
        } else if (gpa == runStart - (1 << PAGE_SHIFT)) {
          // Guests hand pages out from the top as often as from the bottom.
          runStart = gpa;
        } else {
          release(runStart, runEnd);
          runStart = gpa;
          runEnd = gpa + (1 << PAGE_SHIFT);
        }
      }
      done += here;
    }
    release(runStart, runEnd);
  }

  private long pfn(int index) {
    long value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | pfns[PFN_BYTES * index + i] & 0xff;
    }
    return value;
  }

  private void release(long start, long end) {
    if (start != -1) {
      memory.release(start, end - start);
    }
  }

  /** Pages that the guest does not use now. It may expect to find its poison in them again. */
  private void takeFree(DescriptorChain chain) {
    if (hasFeature(F_PAGE_POISON) && config.get(POISON_VAL, 4) != 0) {
      return;
    }
    long rest = MAX_REPORT_BYTES;
    for (int i = 0; i < chain.writableCount() && rest > 0; i++) {
      long length = Math.min(chain.writableLength(i), rest);
      memory.release(chain.writableGpa(i), length);
      rest -= length;
    }
  }

  @Override
  public void pause() {
    super.pause();
    // What is taken from a ring is in no snapshot.
    VirtioQueue queue = queue(FIRST_OPTIONAL);
    queue.lock();
    if (hasStatisticsChain) {
      hasStatisticsChain = false;
      queue.unpop(statisticsChain);
    }
    queue.unlock();
  }

  @Override
  public void save(SnapshotWriter writer) {
    super.save(writer);
    SnapshotWriter.Section section = writer.section(id() + ".virtio-balloon", SECTION_VERSION);
    section.put(config.get(NUM_PAGES, 4));
    section.put(config.get(ACTUAL, 4));
    section.put(config.get(POISON_VAL, 4));
  }

  @Override
  public void restore(SnapshotReader reader) {
    super.restore(reader);
    SnapshotReader.Section section = reader.section(id() + ".virtio-balloon", SECTION_VERSION);
    config.set(NUM_PAGES, 4, section.getLong());
    config.set(ACTUAL, 4, section.getLong());
    config.set(POISON_VAL, 4, section.getLong());
  }
}
