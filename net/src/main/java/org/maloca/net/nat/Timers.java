package org.maloca.net.nat;

import java.util.Arrays;

/**
 * Deadlines of flows as a binary heap. Moving a deadline later, which every packet does, costs
 * nothing: an entry that comes up too early is put back. Guarded by the network's lock.
 */
public final class Timers {
  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int NOT_IN_HEAP = -1;

  private Entry[] heap = new Entry[64];
  private int size;

  /** What has a deadline. */
  public abstract static class Entry {
    private long dueNanos = NEVER;
    private long queuedNanos;
    private int place = NOT_IN_HEAP;

    /** Called once the deadline has passed; it is {@link Timers#NEVER} again. */
    protected abstract void expired(long nowNanos);
  }

  /** When the first entry may be due; {@link #NEVER} if none is armed. */
  public long nextNanos() {
    return size == 0 ? NEVER : heap[0].queuedNanos;
  }

  /** Sets an entry's deadline, or takes it away. */
  public void arm(Entry entry, long dueNanos) {
    entry.dueNanos = dueNanos;
    if (entry.place == NOT_IN_HEAP) {
      if (dueNanos != NEVER) {
        entry.queuedNanos = dueNanos;
        if (size == heap.length) {
          heap = Arrays.copyOf(heap, size * 2);
        }
        put(entry, size++);
        siftUp(entry);
      }
    } else if (dueNanos < entry.queuedNanos) {
      entry.queuedNanos = dueNanos;
      siftUp(entry);
    }
  }

  /** Forgets an entry for good. */
  public void remove(Entry entry) {
    entry.dueNanos = NEVER;
    int place = entry.place;
    if (place == NOT_IN_HEAP) {
      return;
    }
    entry.place = NOT_IN_HEAP;
    Entry last = heap[--size];
    if (last != entry) {
      put(last, place);
      siftUp(last);
      siftDown(last);
    }
  }

  /** Calls the entries that are due. */
  public void run(long nowNanos) {
    while (size > 0 && heap[0].queuedNanos <= nowNanos) {
      Entry first = heap[0];
      long due = first.dueNanos;
      if (due == NEVER) {
        remove(first);
      } else if (due > nowNanos) {
        first.queuedNanos = due;
        siftDown(first);
      } else {
        remove(first);
        first.expired(nowNanos);
      }
    }
  }

  private void put(Entry entry, int place) {
    heap[place] = entry;
    entry.place = place;
  }

  private void siftUp(Entry entry) {
    int place = entry.place;
    while (place > 0) {
      Entry parent = heap[(place - 1) >> 1];
      if (parent.queuedNanos <= entry.queuedNanos) {
        break;
      }
      put(parent, place);
      place = (place - 1) >> 1;
    }
    put(entry, place);
  }

  private void siftDown(Entry entry) {
    int place = entry.place;
    while (place * 2 + 1 < size) {
      int child = place * 2 + 1;
      if (child + 1 < size && heap[child + 1].queuedNanos < heap[child].queuedNanos) {
        child++;
      }
      if (entry.queuedNanos <= heap[child].queuedNanos) {
        break;
      }
      put(heap[child], place);
      place = child;
    }
    put(entry, place);
  }
}
