package org.maloca.cli.console;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds input back until the guest says by ENQ (ASCII 5, "who is there?") that it takes it: what
 * comes before a serial port is opened would be lost. A gate that was made open lets everything
 * through, and passes ENQ on like any other byte.
 */
final class ReadyGate {
  private static final byte ENQ = 5;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private final boolean awaitsGuest;
  private volatile boolean isOpen;

  ReadyGate(boolean awaitsGuest) {
    this.awaitsGuest = awaitsGuest;
    this.isOpen = !awaitsGuest;
  }

  /** Looks at a byte of output; false when it was the sign and is not for people. */
  boolean passesOutput(byte value) {
    if (isOpen || value != ENQ) {
      return true;
    }
    lock.lock();
    try {
      isOpen = true;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
    return false;
  }

  /** The guest starts anew. */
  void guestReset() {
    isOpen = !awaitsGuest;
  }

  boolean isOpen() {
    return isOpen;
  }

  void await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!isOpen) {
        opened.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
