package org.maloca.devices.virtio;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.Admission;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The requests of one queue that were taken from the ring and wait for a limit of the host's: in a
 * lane for each limit and direction, first come, first served. Only the first of a lane is admitted
 * by its limit, and those behind it one after the other as they become the first; so a queue full
 * of requests of one direction is no more than one request ahead of other directions and queues
 * that share a limit.
 *
 * <p>Used under the queue's lock. Allocates only until as many chains are there as wait at once.
 */
final class WaitingRequests {
  /** What keeps a guest from making chains of many buffers to fill the host's memory. */
  private static final int MAX_BUFFERS = 1 << 16;

  private Lane[] lanes = {new Lane(), new Lane()};
  private int laneCount;
  private int count;

  /** What the chains that wait have room for; those that do not, behind it. */
  private int buffers;

  private int unusedBuffers;
  private @Nullable DescriptorChain unused;

  private static final class Lane {
    @Nullable DiskThrottle throttle;
    boolean isWrite;
    @Nullable DescriptorChain first;
    @Nullable DescriptorChain last;

    boolean isFor(Admission admission) {
      return throttle == admission.throttle() && isWrite == admission.isWrite();
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether no more can be taken from a ring of that size. */
  boolean isFull(int ringSize) {
    return count >= ringSize || buffers >= MAX_BUFFERS;
  }

  /** A chain to take a request into. */
  DescriptorChain unused() {
    DescriptorChain chain = unused;
    if (chain == null) {
      return new DescriptorChain();
    }
    unused = chain.next;
    chain.next = null;
    unusedBuffers -= chain.room();
    return chain;
  }

  /** Takes a chain back whose request is done with. */
  void recycle(DescriptorChain chain) {
    chain.admission().clear();
    if (unusedBuffers + chain.room() <= MAX_BUFFERS) {
      unusedBuffers += chain.room();
      chain.next = unused;
      unused = chain;
    }
  }

  /** Adds a request behind those of its lane. */
  void add(DescriptorChain chain, long nowNanos) {
    chain.admission().begin(nowNanos);
    Lane lane = lane(chain.admission());
    DescriptorChain last = lane.last;
    if (last == null) {
      lane.first = chain;
    } else {
      last.next = chain;
    }
    lane.last = chain;
    counted(chain);
  }

  /** Puts back a request that was taken, in front of its lane. */
  void putBack(DescriptorChain chain) {
    Lane lane = lane(chain.admission());
    chain.next = lane.first;
    lane.first = chain;
    if (lane.last == null) {
      lane.last = chain;
    }
    counted(chain);
  }

  private void counted(DescriptorChain chain) {
    count++;
    buffers += chain.room();
  }

  private Lane lane(Admission admission) {
    for (int i = 0; i < laneCount; i++) {
      if (lanes[i].isFor(admission)) {
        return lanes[i];
      }
    }
    if (laneCount == lanes.length) {
      lanes = Arrays.copyOf(lanes, 2 * laneCount);
      Arrays.setAll(lanes, i -> i < laneCount ? lanes[i] : new Lane());
    }
    Lane lane = lanes[laneCount++];
    lane.throttle = admission.throttle();
    lane.isWrite = admission.isWrite();
    return lane;
  }

  /** The lane whose first request may go ahead before all others, or -1. */
  private int next(long nowNanos) {
    int next = -1;
    long nextWait = 0;
    for (int i = 0; i < laneCount; i++) {
      DescriptorChain first = lanes[i].first;
      if (first != null) {
        long wait = first.admission().pay(nowNanos) - nowNanos;
        if (next < 0 || wait < nextWait) {
          next = i;
          nextWait = wait;
        }
      }
    }
    return next;
  }

  /** When the next request may go ahead; not to be asked of none. */
  long dueNanos(long nowNanos) {
    DescriptorChain first = lanes[next(nowNanos)].first;
    return first == null ? nowNanos : first.admission().pay(nowNanos);
  }

  /** Takes a request that may go ahead, or null. */
  @Nullable DescriptorChain takeDue(long nowNanos) {
    return count > 0 && dueNanos(nowNanos) - nowNanos <= 0 ? takeNext(nowNanos) : null;
  }

  /** Takes the request that may go ahead next, be it too early, or null when none waits. */
  @Nullable DescriptorChain takeNext(long nowNanos) {
    int index = next(nowNanos);
    if (index < 0) {
      return null;
    }
    Lane lane = lanes[index];
    DescriptorChain chain = lane.first;
    if (chain == null) {
      return null;
    }
    lane.first = chain.next;
    chain.next = null;
    if (lane.first == null) {
      close(index);
    }
    count--;
    buffers -= chain.room();
    chain.admission().grant(nowNanos);
    return chain;
  }

  private void close(int index) {
    Lane lane = lanes[index];
    lane.first = null;
    lane.last = null;
    lane.throttle = null;
    lanes[index] = lanes[--laneCount];
    lanes[laneCount] = lane;
  }

  /** Takes all, as a list in which each lane's are in their order. */
  @Nullable DescriptorChain takeAll() {
    DescriptorChain all = null;
    while (laneCount > 0) {
      Lane lane = lanes[laneCount - 1];
      DescriptorChain last = lane.last;
      if (last != null) {
        last.next = all;
        all = lane.first;
      }
      close(laneCount - 1);
    }
    count = 0;
    buffers = 0;
    return all;
  }

  /** Forgets all: the driver does not wait for them any more. */
  void clear() {
    DescriptorChain next = takeAll();
    while (next != null) {
      DescriptorChain chain = next;
      next = chain.next;
      recycle(chain);
    }
  }

  void save(SnapshotWriter.Section section) {
    section.put(count);
    for (int i = 0; i < laneCount; i++) {
      for (DescriptorChain chain = lanes[i].first; chain != null; chain = chain.next) {
        chain.save(section);
      }
    }
  }

  /** Takes requests from a snapshot, which are admitted anew by the limits that there are now. */
  void restore(SnapshotReader.Section section, GuestMemory memory, int ringSize, long nowNanos) {
    int saved = section.getInt();
    for (int i = 0; i < saved; i++) {
      DescriptorChain chain = unused();
      chain.restore(section, memory);
      if (count >= ringSize || chain.descriptors() < 1 || chain.descriptors() > ringSize) {
        throw new SnapshotException("a queue had more requests than places");
      }
      add(chain, nowNanos);
    }
  }
}
