package org.maloca.core.time;

import java.time.Instant;

/**
 * The machine's time. It stands still while the machine is paused. All device time comes from here.
 */
public interface VirtualClock {
  /** Nanoseconds since the machine was first started, never going back. */
  long nanos();

  /** The wall clock as the guest's RTC should show it. */
  Instant wallClock();

  /**
   * Makes a timer.
   *
   * @param action run on the clock's thread once per expiry; must be short and must not block
   */
  Timer newTimer(Runnable action);

  /** A one-shot alarm that can be armed again, also from within its action. Thread-safe. */
  interface Timer {
    /** Fires once {@link VirtualClock#nanos} reaches the deadline; replaces an earlier deadline. */
    void arm(long deadlineNanos);

    /** Disarms; an action that is being run now is not waited for. */
    void cancel();
  }
}
