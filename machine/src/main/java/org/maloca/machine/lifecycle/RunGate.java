package org.maloca.machine.lifecycle;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where vCPU threads wait while their machine does not run. Threads pass it before each stretch of
 * running; the state driver closes it, makes them come, and knows when all have.
 */
final class RunGate {
  private enum Phase {
    OPEN,
    HELD,
    ENDED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition phaseChanged = lock.newCondition();
  private final Condition arrived = lock.newCondition();
  private final int threads;
  private Phase phase = Phase.HELD;
  private int waiting;

  RunGate(int threads) {
    this.threads = threads;
  }

  /** Waits until the machine runs; false when it has ended. */
  boolean pass() {
    lock.lock();
    try {
      waiting++;
      arrived.signalAll();
      while (phase == Phase.HELD) {
        phaseChanged.awaitUninterruptibly();
      }
      waiting--;
      return phase == Phase.OPEN;
    } finally {
      lock.unlock();
    }
  }

  void open() {
    change(Phase.OPEN);
  }

  /** Closes; threads that are running pass on until they are made to come. */
  void hold() {
    change(Phase.HELD);
  }

  /** Lets every thread go home. */
  void end() {
    change(Phase.ENDED);
  }

  /** Waits until no thread runs. */
  void awaitAllWaiting() {
    lock.lock();
    try {
      while (waiting < threads) {
        arrived.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void change(Phase next) {
    lock.lock();
    try {
      if (phase == Phase.ENDED) {
        return;
      }
      phase = next;
      phaseChanged.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
