package org.maloca.core.backend;

import org.jspecify.annotations.Nullable;

/**
 * A request's way past a {@link DiskThrottle}. The device that finds out what the request wants
 * asks by {@link #isGranted}; who keeps the request meanwhile has it {@link #pay} once and says
 * {@link #grant} when its time has come, whereupon the device is asked again.
 *
 * <p>A guest may change what it asks for meanwhile: what was granted is just what was paid for.
 *
 * <p>Made once and used for one request after the other. Not thread-safe.
 */
public final class Admission {
  private @Nullable DiskThrottle throttle;
  private boolean isWrite;
  private long requests;
  private long bytes;
  private boolean isBegun;
  private boolean isPaid;
  private boolean isGranted;
  private long begunNanos;
  private long dueNanos;
  private long waitedNanos;

  /** Forgets the request. */
  public void clear() {
    throttle = null;
    isWrite = false;
    isBegun = false;
    isPaid = false;
    isGranted = false;
    waitedNanos = 0;
  }

  /** Whether the request may go ahead with this; if not, it is what the request asks for now. */
  public boolean isGranted(DiskThrottle by, boolean writes, long asRequests, long length) {
    if (throttle != by || isWrite != writes || requests != asRequests || bytes != length) {
      throttle = by;
      isWrite = writes;
      requests = asRequests;
      bytes = length;
      isPaid = false;
      isGranted = false;
    }
    return isGranted;
  }

  /** Starts to count how long the request waits, if that has not begun. */
  public void begin(long nowNanos) {
    if (!isBegun) {
      isBegun = true;
      begunNanos = nowNanos;
    }
  }

  /**
   * Has the request admitted, if it is not yet.
   *
   * @return from when on it may go ahead, by {@link System#nanoTime}
   */
  public long pay(long nowNanos) {
    if (!isPaid) {
      DiskThrottle by = throttle;
      isPaid = true;
      dueNanos = nowNanos + (by == null ? 0 : by.admit(isWrite, requests, bytes, nowNanos));
    }
    return dueNanos;
  }

  /** Lets the request go ahead with what it asks for, paid for or not, from now on. */
  public void grant(long nowNanos) {
    isPaid = true;
    isGranted = true;
    dueNanos = nowNanos;
    waitedNanos = nowNanos - begunNanos;
  }

  /** What the request waits for, or null for nothing. */
  public @Nullable DiskThrottle throttle() {
    return throttle;
  }

  public boolean isWrite() {
    return isWrite;
  }

  /** How long the request has waited when it went ahead, in nanoseconds. */
  public long waitedNanos() {
    return waitedNanos;
  }
}
