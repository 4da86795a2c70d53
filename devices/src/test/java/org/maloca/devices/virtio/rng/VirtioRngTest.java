package org.maloca.devices.virtio.rng;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.time.ManualClock;
import org.maloca.core.time.VirtualClock;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioRngTest {
  private final ManualClock clock = new ManualClock();

  private VirtioDriver driver(long bytesPerSecond) {
    return new VirtioDriver(
        memory -> new VirtioRng("rng0", memory, clock, new Random(1), bytesPerSecond, true));
  }

  @ParameterizedTest
  @EnumSource
  void fillsBuffers(RingKind kind) {
    try (VirtioDriver driver = driver(VirtioRng.UNLIMITED)) {
      driver.negotiate(kind, 0);
      DriverRing ring = driver.ring(0, 16);
      driver.start();
      DriverRing.Piece first = driver.in(100);
      DriverRing.Piece second = driver.in(3000);
      ring.send(first, second);
      assertEquals(3100, ring.await().written());
      byte[] bytes = driver.bytes(second);
      byte[] start = Arrays.copyOf(bytes, 1000);
      assertFalse(Arrays.equals(start, Arrays.copyOfRange(bytes, 1024, 2024)));
      assertNotEquals((byte) 0xee, bytes[2998] & bytes[2999]);
    }
  }

  @Test
  void guestThatAsksForMoreWaitsForTheNextSecond() {
    try (VirtioDriver driver = driver(100)) {
      driver.negotiate(RingKind.PACKED, 0);
      DriverRing ring = driver.ring(0, 16);
      driver.start();
      ring.send(driver.in(80));
      assertEquals(80, ring.await().written());
      ring.send(driver.in(80));
      assertEquals(20, ring.await().written());
      ring.send(driver.in(80));
      driver.registers().pause();
      driver.registers().resume();
      assertFalse(ring.hasUsed());
      while (!ring.hasUsed()) {
        // The worker arms the timer when it comes to it.
        clock.advance(500_000_000);
        Thread.yield();
      }
      assertEquals(80, ring.await().written());
    }
  }

  /** The second is over while the answer "later" is on its way. */
  @Test
  void aTimerThatFiresAtOnceLeavesNoRequestBehind() {
    VirtualClock hasty =
        new VirtualClock() {
          @Override
          public long nanos() {
            return clock.nanos();
          }

          @Override
          public Instant wallClock() {
            return clock.wallClock();
          }

          @Override
          public Timer newTimer(Runnable action) {
            Timer timer = clock.newTimer(action);
            return new Timer() {
              @Override
              public void arm(long deadlineNanos) {
                timer.arm(deadlineNanos);
                clock.advance(2_000_000_000);
              }

              @Override
              public void cancel() {
                timer.cancel();
              }
            };
          }
        };
    try (VirtioDriver driver =
        new VirtioDriver(
            memory -> new VirtioRng("rng0", memory, hasty, new Random(1), 100, true))) {
      driver.negotiate(RingKind.PACKED, 0);
      DriverRing ring = driver.ring(0, 16);
      driver.start();
      ring.send(driver.in(100));
      assertEquals(100, ring.await().written());

      ring.send(driver.in(60));

      assertEquals(60, ring.await().written());
    }
  }
}
