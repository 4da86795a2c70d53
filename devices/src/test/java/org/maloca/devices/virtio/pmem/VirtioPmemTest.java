package org.maloca.devices.virtio.pmem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioPmemTest {
  private static final long GPA = 0x1_4000_0000L;
  private static final long BYTES = 8 << 20;

  private final AtomicInteger flushes = new AtomicInteger();
  private volatile boolean isBroken;
  private volatile boolean isClosed;
  private final VirtioDriver driver =
      new VirtioDriver(
          memory -> new VirtioPmem("pmem0", memory, GPA, BYTES, new CountingMedium(), true));

  private final class CountingMedium implements VirtioPmem.Medium {
    @Override
    public void flush() throws IOException {
      flushes.incrementAndGet();
      if (isBroken) {
        throw new IOException("broken");
      }
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  private int request(DriverRing ring, int type) {
    DriverRing.Piece response = driver.in(4);
    ring.send(driver.out(new byte[] {(byte) type, 0, 0, 0}), response);
    assertEquals(4, ring.await().written());
    return driver.bytes(response)[0];
  }

  @ParameterizedTest
  @EnumSource
  void flushesWhenAskedAndSaysHowThatWent(RingKind kind) {
    driver.negotiate(kind, 0);
    DriverRing ring = driver.ring(0, 16);
    driver.start();
    assertEquals(GPA, driver.config(0, 8));
    assertEquals(BYTES, driver.config(8, 8));
    assertEquals(0, request(ring, 0));
    assertEquals(1, flushes.get());
    isBroken = true;
    assertEquals(1, request(ring, 0));
    assertEquals(1, request(ring, 1));
    assertEquals(2, flushes.get());
    driver.close();
    assertTrue(isClosed);
  }

  @Test
  void requestsWithoutRoomForAnAnswerNeedAReset() {
    driver.negotiate(RingKind.SPLIT, 0);
    DriverRing ring = driver.ring(0, 16);
    driver.start();
    ring.send(driver.out(new byte[4]), driver.in(3));
    driver.awaitNeedsReset();
    driver.close();
  }
}
