package org.maloca.net.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
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

  /** As it comes from a class that cannot be loaded, since the host has no descriptors left. */
  private static Error outOfDescriptors() {
    return new NoClassDefFoundError("too many open files");
  }

  private static Pipe readable() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    return pipe;
  }

  @Test
  void anErrorOfOneSocketIsNotTheOthers() throws Exception {
    CountDownLatch failures = new CountDownLatch(3);
    CountDownLatch others = new CountDownLatch(3);
    Pipe bad = readable();
    Pipe first = readable();
    Pipe last = readable();
    synchronized (loop.lock()) {
      loop.register(first.source(), SelectionKey.OP_READ, key -> others.countDown());
      loop.register(
          bad.source(),
          SelectionKey.OP_READ,
          key -> {
            failures.countDown();
            throw outOfDescriptors();
          });
      loop.register(last.source(), SelectionKey.OP_READ, key -> others.countDown());
    }

    assertTrue(failures.await(60, TimeUnit.SECONDS));
    assertTrue(others.await(60, TimeUnit.SECONDS));
    for (Pipe pipe : new Pipe[] {first, bad, last}) {
      pipe.source().close();
      pipe.sink().close();
    }
  }

  @Test
  void anErrorOfOneDeadlineIsNotTheOthers() throws InterruptedException {
    CountDownLatch later = new CountDownLatch(1);
    synchronized (loop.lock()) {
      loop.arm(
          entry(() -> {
            throw outOfDescriptors();
          }),
          loop.nanos());
      loop.arm(entry(later::countDown), loop.nanos());
    }

    assertTrue(later.await(60, TimeUnit.SECONDS));
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
