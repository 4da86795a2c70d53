package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong host = new AtomicLong(5 * SECOND);
  private EventLoop loop;

  @BeforeEach
  void start() throws IOException {
    loop = new EventLoop("t", host::get);
  }

  @AfterEach
  void close() {
    loop.close();
  }

  private static Timers.Entry entry(Runnable action) {
    return new Timers.Entry() {
      @Override
      protected void expired(long nowNanos) {
        action.run();
      }
    };
  }

  private void arm(Timers.Entry entry, long inNanos) {
    synchronized (loop.lock()) {
      loop.arm(entry, loop.nanos() + inNanos);
    }
  }

  @Test
  void noDeadlinePassesWhileTheHostSleeps() throws InterruptedException {
    AtomicBoolean isExpired = new AtomicBoolean();
    arm(entry(() -> isExpired.set(true)), 30 * SECOND);
    host.addAndGet(3600 * SECOND);
    CountDownLatch later = new CountDownLatch(1);
    arm(entry(later::countDown), SECOND);
    host.addAndGet(2 * SECOND);
    loop.wake();

    assertTrue(later.await(20, TimeUnit.SECONDS));

    assertFalse(isExpired.get());
  }

  @Test
  void timePassesAsUsualWhileTheHostIsAwake() {
    synchronized (loop.lock()) {
      long before = loop.nanos();
      for (int i = 0; i < 10; i++) {
        host.addAndGet(SECOND);
        loop.nanos();
      }
      assertEquals(10 * SECOND, loop.nanos() - before);
    }
  }
}
