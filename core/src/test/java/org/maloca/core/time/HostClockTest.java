package org.maloca.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HostClockTest {
  @Test
  void standsStillWhilePausedAndGoesOnAfter() {
    try (HostClock clock = new HostClock("test")) {
      clock.pause();
      long paused = clock.nanos();
      Thread.onSpinWait();

      assertEquals(paused, clock.nanos());

      clock.resume();
      long resumed = clock.nanos();
      assertTrue(resumed >= paused);
    }
  }

  @Test
  void makesUpForAShortPauseAlone() {
    try (HostClock clock = new HostClock("test")) {
      long before = System.nanoTime() - clock.nanos();
      clock.pause();
      long paused = clock.nanos();
      while (System.nanoTime() - before <= paused + 2_000_000) {
        Thread.onSpinWait();
      }

      clock.resume(Long.MAX_VALUE);

      assertTrue(clock.nanos() >= paused + 2_000_000);
      clock.pause();
      paused = clock.nanos();
      while (System.nanoTime() - before <= paused + 2_000_000) {
        Thread.onSpinWait();
      }
      long resumed = System.nanoTime();
      clock.resume(1_000_000);
      assertTrue(clock.nanos() - paused <= System.nanoTime() - resumed);
    }
  }

  @Test
  void firesATimerThatIsDueAfterAnEarlierOneWasCancelled() throws InterruptedException {
    try (HostClock clock = new HostClock("test")) {
      CountDownLatch fired = new CountDownLatch(1);
      VirtualClock.Timer cancelled = clock.newTimer(() -> {});
      cancelled.arm(Long.MAX_VALUE);
      clock.newTimer(fired::countDown).arm(clock.nanos() + 1_000_000);
      cancelled.cancel();

      assertTrue(fired.await(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void firesATimerThatWasPutOffAndBack() throws InterruptedException {
    long hour = 3_600_000_000_000L;
    try (HostClock clock = new HostClock("test")) {
      CountDownLatch fired = new CountDownLatch(1);
      VirtualClock.Timer timer = clock.newTimer(fired::countDown);
      timer.arm(clock.nanos() + hour);
      timer.arm(clock.nanos() + 2 * hour);
      timer.arm(clock.nanos() + 1_000_000);

      assertTrue(fired.await(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void firesTheLaterOfTwoWhoseEarlierOneWasPutOff() throws InterruptedException {
    try (HostClock clock = new HostClock("test")) {
      CountDownLatch fired = new CountDownLatch(2);
      VirtualClock.Timer first = clock.newTimer(fired::countDown);
      first.arm(clock.nanos() + 5_000_000);
      clock.newTimer(fired::countDown).arm(clock.nanos() + 10_000_000);
      first.arm(clock.nanos() + 15_000_000);

      assertTrue(fired.await(30, TimeUnit.SECONDS));
    }
  }
}
