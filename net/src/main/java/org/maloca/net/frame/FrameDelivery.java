package org.maloca.net.frame;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetBackend.Port;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.defect.DefectLog;

/**
 * The way of frames to a guest for backends that can make their peer wait: a frame is held until
 * the guest has a buffer and the machine is not paused. Thread-safe.
 */
public final class FrameDelivery {
  private final DefectLog defects = new DefectLog(System.getLogger(FrameDelivery.class.getName()));
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable Port port;
  private long roomSerial;
  private boolean paused;
  private boolean closed;

  /** Says where frames go. */
  public void connect(Port to) {
    lock.lock();
    try {
      port = to;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Delivers a frame, waiting for room for it.
   *
   * @return false if this was closed first
   */
  public boolean deliver(NetFrame frame) throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        Port to = port;
        // Read before the attempt, so that room which comes between is not missed.
        long seen = roomSerial;
        if (!paused && to != null) {
          if (isTaken(to, frame)) {
            return true;
          }
          frame.bytes().position(0);
        }
        boolean wasPaused = paused;
        while (!closed && seen == roomSerial && paused == wasPaused && port == to) {
          changed.await();
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isTaken(Port to, NetFrame frame) {
    try {
      return to.receive(frame);
    } catch (RuntimeException | Error defect) {
      // Of one frame; the thread carries the next ones.
      defects.tell("a frame to a guest was dropped", defect);
      return true;
    }
  }

  /** The guest has new buffers. */
  public void roomAvailable() {
    lock.lock();
    try {
      roomSerial++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Delivers nothing from the return on. */
  public void pause() {
    setPaused(true);
  }

  public void resume() {
    setPaused(false);
  }

  private void setPaused(boolean isPaused) {
    lock.lock();
    try {
      paused = isPaused;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives up on the frame that waits and all later ones. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
