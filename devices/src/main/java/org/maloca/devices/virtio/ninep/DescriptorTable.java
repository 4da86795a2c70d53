package org.maloca.devices.virtio.ninep;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;

/**
 * The file descriptors that a guest makes us hold, no more than the limit: when it is reached,
 * those that were not used for longest are closed until they are needed again. Not thread-safe but
 * for the count, which several tables of one folder share.
 */
final class DescriptorTable {
  private final AtomicInteger open;
  private final int maxOpen;
  private @Nullable Descriptor[] descriptors = new @Nullable Descriptor[64];
  private int count;
  private long uses;

  /**
   * Makes an empty table.
   *
   * @param open number of descriptors that are open in all tables
   */
  DescriptorTable(AtomicInteger open, int maxOpen) {
    this.open = open;
    this.maxOpen = maxOpen;
  }

  /** Says that something is used now; what it says is newer than whatever it said before. */
  long use() {
    return ++uses;
  }

  /** Counts a descriptor that is about to be opened. */
  void acquire() throws ErrnoException {
    if (open.get() >= maxOpen) {
      parkOlderHalf();
    }
    if (open.incrementAndGet() > maxOpen) {
      open.decrementAndGet();
      throw ErrnoException.of(Errno.EMFILE);
    }
  }

  /** It could not be opened. */
  void giveBack() {
    open.decrementAndGet();
  }

  void close(int fd) {
    int ignored = LinuxCalls.close(fd);
    open.decrementAndGet();
  }

  /** Notes who has an open descriptor. */
  void add(Descriptor descriptor) {
    if (count == descriptors.length) {
      descriptors = Arrays.copyOf(descriptors, 2 * count);
    }
    descriptor.setSlot(count);
    descriptors[count++] = descriptor;
  }

  void remove(Descriptor descriptor) {
    Descriptor last = descriptors[--count];
    descriptors[count] = null;
    if (last != null && last != descriptor) {
      descriptors[descriptor.slot()] = last;
      last.setSlot(descriptor.slot());
    }
  }

  private void parkOlderHalf() {
    @Nullable Descriptor[] all = Arrays.copyOf(descriptors, count);
    long[] times = new long[all.length];
    for (int i = 0; i < all.length; i++) {
      times[i] = lastUse(all[i]);
    }
    Arrays.sort(times);
    for (Descriptor descriptor : all) {
      if (descriptor != null && lastUse(descriptor) < times[times.length / 2]) {
        descriptor.park();
      }
    }
  }

  private static long lastUse(@Nullable Descriptor descriptor) {
    return descriptor == null ? 0 : descriptor.lastUse();
  }
}
