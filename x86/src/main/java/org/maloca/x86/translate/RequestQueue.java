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

  /**
   * Takes the most urgent request; null if none comes in time.
   *
   * @param best whether it may be one for a better region
   */
  @Nullable TranslationRequest poll(boolean best, long timeoutNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = timeoutNanos;
      int chosen = mostUrgent(best);
      while (chosen < 0 && left > 0) {
        left = filled.awaitNanos(left);
        chosen = mostUrgent(best);
      }
      return chosen < 0 ? null : waiting.remove(chosen);
    } finally {
      lock.unlock();
    }
  }

  /** Its index; -1 if there is none. */
  private int mostUrgent(boolean best) {
    int chosen = -1;
    int most = Integer.MIN_VALUE;
    for (int i = 0; i < waiting.size(); i++) {
      TranslationRequest request = waiting.get(i);
      // vCPUs count on: one look at each.
      int urgency = request.urgency();
      if ((best || !request.isBest()) && (chosen < 0 || urgency > most)) {
        chosen = i;
        most = urgency;
      }
    }
    return chosen;
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
