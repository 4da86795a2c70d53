package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What vCPUs asked a translator for. Better regions for the hottest code come first, then the block
 * that was interpreted most: while it waits, it costs most. From any thread.
 */
final class RequestQueue {
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final List<TranslationRequest> waiting = new ArrayList<>();

  RequestQueue(int capacity) {
    this.capacity = capacity;
  }

  /** Adds a request unless there are too many. */
  boolean offer(TranslationRequest request) {
    lock.lock();
    try {
      boolean accepted = waiting.size() < capacity;
      if (accepted) {
        waiting.add(request);
        filled.signal();
      }
      return accepted;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the most urgent request; null if none comes in time. */
  @Nullable TranslationRequest poll(long timeoutNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (waiting.isEmpty() && left > 0) {
        left = filled.awaitNanos(left);
      }
      return waiting.isEmpty() ? null : takeMostUrgent();
    } finally {
      lock.unlock();
    }
  }

  private TranslationRequest takeMostUrgent() {
    int chosen = 0;
    int most = Integer.MIN_VALUE;
    for (int i = 0; i < waiting.size(); i++) {
      // vCPUs count on: one look at each.
      int urgency = waiting.get(i).urgency();
      if (urgency > most) {
        chosen = i;
        most = urgency;
      }
    }
    return waiting.remove(chosen);
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
