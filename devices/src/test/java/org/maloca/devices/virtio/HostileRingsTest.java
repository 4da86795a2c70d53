package org.maloca.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.virtio.rng.VirtioRng;

/**
 * Rings that make no sense: the device asks for a reset, touches nothing that is not RAM, and works
 * again after the reset.
 */
class HostileRingsTest {
  private static final int SIZE = 16;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final long ROOM = 0x10_0000;

  private final VirtioDriver driver =
      new VirtioDriver(memory ->
          new VirtioRng(
              "rng0", memory, new ManualClock(), new Random(1), VirtioRng.UNLIMITED, true));

  @AfterEach
  void close() {
    driver.close();
  }

  private DriverRing start(RingKind kind) {
    driver.negotiate(kind, 0);
    DriverRing ring = driver.ring(0, SIZE);
    driver.start();
    return ring;
  }

  /** One descriptor of a split ring. */
  private record Split(long gpa, int length, int flags, int next) {}

  private void isRefused(int head, Split... table) {
    DriverRing ring = start(RingKind.SPLIT_INDIRECT);
    for (int i = 0; i < table.length; i++) {
      Split entry = table[i];
      ring.writeDescriptor(
          ring.descriptorsGpa + 16L * i, entry.gpa, entry.length, entry.flags | entry.next << 16);
    }
    ring.makeAvailable(head);
    ring.kick();
    driver.awaitNeedsReset();
    assertFalse(ring.hasUsed());
    works(RingKind.SPLIT);
  }

  private void works(RingKind kind) {
    DriverRing ring = start(kind);
    ring.send(driver.in(100));
    assertEquals(100, ring.await().written());
  }

  @Test
  void chainsThatLoopOrLeaveTheTable() {
    isRefused(0, new Split(ROOM, 16, NEXT | WRITE, 0));
    isRefused(0, new Split(ROOM, 16, NEXT | WRITE, 1), new Split(ROOM, 16, NEXT | WRITE, 0));
    isRefused(0, new Split(ROOM, 16, NEXT | WRITE, SIZE));
    isRefused(0, new Split(ROOM, 16, NEXT | WRITE, 0xffff));
    isRefused(SIZE, new Split(ROOM, 16, WRITE, 0));
    isRefused(0xffff, new Split(ROOM, 16, WRITE, 0));
    isRefused(0, new Split(ROOM, 16, NEXT | WRITE, 1), new Split(ROOM, 16, 0, 0));
  }

  @Test
  void buffersThatAreNotRam() {
    long low = VirtioDriver.LOW_END;
    isRefused(0, new Split(low, 1, WRITE, 0));
    isRefused(0, new Split(low - 1, 2, WRITE, 0));
    isRefused(0, new Split(low - 16, (int) (VirtioDriver.HIGH - low) + 32, WRITE, 0));
    isRefused(0, new Split(VirtioDriver.HIGH_END - 8, 9, WRITE, 0));
    isRefused(0, new Split(-8, 8, WRITE, 0));
    isRefused(0, new Split(-8, 64, WRITE, 0));
    isRefused(0, new Split(Long.MIN_VALUE, 16, WRITE, 0));
    isRefused(0, new Split(ROOM, -1, WRITE, 0));
  }

  @Test
  void lastBytesOfRamAreRam() {
    DriverRing ring = start(RingKind.SPLIT);
    ring.send(
        new DriverRing.Piece(VirtioDriver.LOW_END - 1, 1, true),
        new DriverRing.Piece(VirtioDriver.HIGH_END - 1, 1, true),
        new DriverRing.Piece(VirtioDriver.HIGH_END - 1, 0, true));
    assertEquals(2, ring.await().written());
  }

  @Test
  void indirectTables() {
    isRefused(0, new Split(ROOM, 0, INDIRECT, 0));
    isRefused(0, new Split(ROOM, 15, INDIRECT, 0));
    isRefused(0, new Split(ROOM, 24, INDIRECT, 0));
    isRefused(0, new Split(ROOM, -16, INDIRECT, 0));
    isRefused(0, new Split(VirtioDriver.LOW_END - 16, 32, INDIRECT, 0));
    isRefused(0, new Split(ROOM, 16, INDIRECT | NEXT, 1), new Split(ROOM, 16, WRITE, 0));
    long table = 0x20_0000;
    driver.memory().write(table, 8, table);
    driver.memory().write(table + 8, 4, 16);
    driver.memory().write(table + 12, 4, INDIRECT);
    isRefused(0, new Split(table, 16, INDIRECT, 0));
    driver.memory().write(table + 12, 4, NEXT | WRITE);
    isRefused(0, new Split(table, 16, INDIRECT, 0));
    driver.memory().write(table + 12, 4, NEXT | WRITE | 7 << 16);
    isRefused(0, new Split(table, 32, INDIRECT, 0));
  }

  @Test
  void availableIndexThatJumps() {
    DriverRing ring = start(RingKind.SPLIT);
    driver.memory().write(ring.driverGpa + 2, 2, SIZE + 1);
    ring.kick();
    driver.awaitNeedsReset();
    works(RingKind.SPLIT_EVENT_INDEX);
  }

  /** What the device says of notifications is the available index, which goes back by that. */
  @Test
  void ringsOverEachOtherDoNotKeepAWorkerBusy() {
    driver.negotiate(RingKind.SPLIT, 0);
    long descriptors = ROOM;
    long available = ROOM + 0x1002;
    driver.memory().write(available, new byte[64], 0, 64);
    driver.enable(0, SIZE, descriptors, available, available + 2);
    driver.start();
    driver.memory().write(descriptors, 8, ROOM + 0x2000);
    driver.memory().write(descriptors + 8, 8, 16L | (long) WRITE << 32);
    driver.memory().write(available + 2, 2, 1);
    driver.kick(0);

    driver.awaitAsleep("rng0-0");

    works(RingKind.SPLIT);
  }

  @Test
  void packedChainsThatNeverEndOrAreNotRam() {
    DriverRing ring = start(RingKind.PACKED);
    for (int i = 0; i < SIZE; i++) {
      ring.writeDescriptor(ring.descriptorsGpa + 16L * i, ROOM, 16, (NEXT | WRITE | 1 << 7) << 16);
    }
    ring.kick();
    driver.awaitNeedsReset();
    works(RingKind.PACKED);

    ring = start(RingKind.PACKED_INDIRECT);
    long table = 0x20_0000;
    driver.memory().write(table, 8, table);
    driver.memory().write(table + 8, 4, 16);
    driver.memory().write(table + 12, 4, INDIRECT << 16);
    ring.writeDescriptor(ring.descriptorsGpa, table, 16, (INDIRECT | 1 << 7) << 16);
    ring.kick();
    driver.awaitNeedsReset();

    ring = start(RingKind.PACKED);
    ring.send(new DriverRing.Piece(VirtioDriver.LOW_END - 4, 8, true));
    driver.awaitNeedsReset();
    works(RingKind.PACKED_EVENT_INDEX);
  }

  @Test
  void ringsThatAreNotRamOrHaveNoSize() {
    long[][] places = {
      {VirtioDriver.LOW_END - 16, ROOM, ROOM + 0x1000},
      {ROOM, VirtioDriver.LOW_END, ROOM + 0x1000},
      {ROOM, ROOM + 0x1000, -16},
    };
    for (long[] place : places) {
      driver.negotiate(RingKind.SPLIT, 0);
      driver.enable(0, SIZE, place[0], place[1], place[2]);
      driver.start();
      driver.awaitNeedsReset();
    }
    for (int size : new int[] {0, 3, 48}) {
      driver.negotiate(RingKind.SPLIT, 0);
      driver.enable(0, size, ROOM, ROOM + 0x1000, ROOM + 0x2000);
      driver.start();
      driver.awaitNeedsReset();
    }
    works(RingKind.SPLIT);
  }

  @Test
  void packedRingMayHaveAnySize() {
    driver.negotiate(RingKind.PACKED, 0);
    DriverRing ring = driver.ring(0, 7);
    driver.start();
    for (int i = 0; i < 50; i++) {
      ring.send(driver.in(10), driver.in(10), driver.in(10));
      assertEquals(30, ring.await().written());
    }
  }

  @Test
  void stoppedQueueIsLeftAlone() {
    DriverRing ring = start(RingKind.SPLIT);
    assertTrue(driver.disable(0));
    ring.send(driver.in(10));
    driver.registers().pause();
    driver.registers().resume();
    assertFalse(ring.hasUsed());
  }

  @Test
  void featuresStayAsTheyAreWhileTheDriverRuns() {
    driver.negotiate(RingKind.SPLIT, 0);
    DriverRing ring = driver.ring(0, SIZE);
    driver.start();
    driver.registers().write(0x024, 4, 1);
    driver.registers().write(0x020, 4, 0);
    ring.send(driver.in(10));
    assertEquals(10, ring.await().written());
  }

  @ParameterizedTest
  @EnumSource
  void resetsAtAnyMoment(RingKind kind) throws InterruptedException {
    AtomicBoolean isOver = new AtomicBoolean();
    Thread second =
        Thread.ofPlatform()
            .start(() -> {
              while (!isOver.get()) {
                driver.registers().write(0x070, 4, 0);
                driver.registers().write(0x050, 4, 0);
                Thread.yield();
              }
            });
    Random random = new Random(7);
    byte[] junk = new byte[0x3000];
    for (int i = 0; i < 300; i++) {
      random.nextBytes(junk);
      driver.memory().write(0x1000, junk, 0, junk.length);
      driver.registers().write(0x070, 4, 3);
      driver.registers().write(0x024, 4, 1);
      driver.registers().write(0x020, 4, (kind.features | VirtioDriver.VERSION_1) >>> 32);
      driver.registers().write(0x070, 4, 11);
      driver.enable(0, SIZE, 0x1000, 0x2000, 0x3000);
      driver.registers().write(0x070, 4, 15);
      driver.kick(0);
    }
    isOver.set(true);
    second.join();
    works(kind);
  }

  @ParameterizedTest
  @EnumSource
  void goesRoundTheRingManyTimes(RingKind kind) {
    DriverRing ring = start(kind);
    DriverRing.Piece first = driver.in(30);
    DriverRing.Piece second = driver.in(40);
    for (int i = 0; i < 500; i++) {
      int one = ring.offer(first);
      int two = ring.send(first, second);
      assertEquals(new DriverRing.Used(one, 30), ring.await());
      assertEquals(new DriverRing.Used(two, 70), ring.await());
    }
  }
}
