package org.maloca.core.time;

import java.util.Arrays;

/**
 * Armed timers as a binary heap by deadline, in which each knows its place, so that it can be taken
 * out without a search. Equal deadlines fire in the order in which the timers were made.
 */
final class TimerHeap {
  private static final int NOT_ARMED = -1;

  private Entry[] heap = new Entry[16];
  private int size;

  /** What can be in a heap; in one at most. */
  abstract static class Entry {
    private final long serial;
    private long deadlineNanos;
    private int place = NOT_ARMED;

    Entry(long serial) {
      this.serial = serial;
    }

    final long deadlineNanos() {
      return deadlineNanos;
    }

    private boolean isBefore(Entry other) {
      return deadlineNanos != other.deadlineNanos
          ? deadlineNanos < other.deadlineNanos
          : serial < other.serial;
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The entry that is due first; the heap is not empty. */
  Entry first() {
    return heap[0];
  }

  /** Adds an entry that is not in. */
  void add(Entry entry, long deadlineNanos) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    entry.deadlineNanos = deadlineNanos;
    put(entry, size++);
    siftUp(entry);
  }

  /** Takes an entry out, if it is in. */
  void remove(Entry entry) {
    int place = entry.place;
    if (place == NOT_ARMED) {
      return;
    }
    entry.place = NOT_ARMED;
    Entry last = heap[--size];
    if (last != entry) {
      put(last, place);
      siftUp(last);
      siftDown(last);
    }
  }

  private void put(Entry entry, int place) {
    heap[place] = entry;
    entry.place = place;
  }

  private void siftUp(Entry entry) {
    while (entry.place > 0) {
      int parent = entry.place - 1 >>> 1;
      if (!entry.isBefore(heap[parent])) {
        return;
      }
      int place = entry.place;
      put(heap[parent], place);
      put(entry, parent);
    }
  }

  private void siftDown(Entry entry) {
    while (true) {
      int child = 2 * entry.place + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
        child++;
      }
      if (!heap[child].isBefore(entry)) {
        return;
      }
      int place = entry.place;
      put(heap[child], place);
      put(entry, child);
    }
  }
}
