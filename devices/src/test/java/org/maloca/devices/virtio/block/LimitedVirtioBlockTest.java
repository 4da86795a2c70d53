package org.maloca.devices.virtio.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.backend.DiskFullException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.Turnstile;
import org.maloca.devices.disk.Turnstile.Admitted;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

/** Requests that wait for a limit of the host's, and those beside them. */
@Timeout(60)
class LimitedVirtioBlockTest {
  private static final long F_FLUSH = 1L << 9;
  private static final long F_MQ = 1L << 12;
  private static final long F_DISCARD = 1L << 13;
  private static final long F_WRITE_ZEROES = 1L << 14;

  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int FLUSH = 4;
  private static final int GET_ID = 8;
  private static final int DISCARD = 11;
  private static final int WRITE_ZEROES = 13;

  private static final int SECTOR = 512;
  private static final int RING_SIZE = 32;

  private final ArrayDisk disk = new ArrayDisk(64 * SECTOR);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final VirtioDriver driver =
      new VirtioDriver(memory ->
          new VirtioBlock(
              "disk0",
              memory,
              disk,
              new VirtioBlock.Options(
                  "SERIAL", 2, true, DiskErrorAction.ENOSPC, DiskErrorAction.REPORT),
              (id, cause) -> stopped.countDown()));
  private DriverRing ring;
  private DriverRing second;

  @AfterEach
  void close() {
    driver.close();
  }

  private void start(RingKind kind) {
    driver.negotiate(kind, F_FLUSH | F_MQ | F_DISCARD | F_WRITE_ZEROES);
    ring = driver.ring(0, RING_SIZE);
    second = driver.ring(1, RING_SIZE);
    driver.start();
  }

  /** Starts with a limit, which comes back. */
  private Turnstile start(RingKind kind, Turnstile limit) {
    start(kind);
    disk.limit(limit);
    return limit;
  }

  /** Starts with a limit that nothing passes, and with a write of 7s to sector 0 that waits. */
  private int startWithWaitingWrite(RingKind kind) throws InterruptedException {
    Turnstile closed = start(kind, Turnstile.ofAll());
    int write = sendWrite(ring, 0, 1, 7);
    closed.await(1);
    return write;
  }

  private DriverRing.Piece header(int type, long sector) {
    ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    return driver.out(header.putInt(type).putInt(0).putLong(sector).array());
  }

  /** Writes so many sectors of bytes of a value. */
  private int sendWrite(DriverRing queue, long sector, int sectors, int value) {
    byte[] data = new byte[sectors * SECTOR];
    java.util.Arrays.fill(data, (byte) value);
    return queue.send(header(OUT, sector), driver.out(data), driver.in(1));
  }

  private int sendRead(long sector, int sectors) {
    return ring.send(header(IN, sector), driver.in(sectors * SECTOR), driver.in(1));
  }

  private List<Integer> awaitIds(int count) {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(ring.await().id());
    }
    return ids;
  }

  @ParameterizedTest
  @EnumSource
  void readsAndFlushesDoNotWaitForWrites(RingKind kind) {
    start(kind, Turnstile.ofWrites());
    int write = sendWrite(ring, 0, 1, 7);
    int otherWrite = sendWrite(ring, 1, 1, 8);
    int read = sendRead(0, 2);
    int otherRead = sendRead(0, 1);
    final int flush = ring.send(header(FLUSH, 0), driver.in(1));

    assertEquals(List.of(read, otherRead, flush), awaitIds(3));
    assertEquals(1, disk.flushes.get());
    assertEquals(0, disk.content[0]);

    disk.limit(null);

    assertEquals(List.of(write, otherWrite), awaitIds(2));
    assertEquals(7, disk.content[0]);
    assertEquals(8, disk.content[SECTOR]);
  }

  /** A ring's worth of requests goes round beside one that waits all the time. */
  @ParameterizedTest
  @EnumSource
  void theRingGoesRoundBesideWhatWaits(RingKind kind) {
    start(kind, Turnstile.ofWrites());
    final int write = sendWrite(ring, 0, 1, 7);
    for (int i = 0; i < 4 * RING_SIZE / 3; i++) {
      // The ring of a test uses its descriptors in turn, as if all were given back.
      if (kind != RingKind.SPLIT && kind != RingKind.SPLIT_EVENT_INDEX || i < RING_SIZE / 3 - 2) {
        assertEquals(sendRead(0, 1), ring.await().id());
      }
    }
    disk.limit(null);
    assertEquals(write, ring.await().id());
  }

  @Test
  void aNewLimitAdmitsWhatWaitsOnceAndInOrder() throws InterruptedException {
    Turnstile closed = start(RingKind.SPLIT, Turnstile.ofAll());
    int first = sendWrite(ring, 0, 1, 1);
    int next = sendWrite(ring, 0, 2, 2);
    int last = sendWrite(ring, 0, 3, 3);
    assertEquals(List.of(new Admitted(true, 1, 512)), closed.await(1));

    Turnstile open = Turnstile.open();
    driver.registers().pause();
    disk.limit(open);
    driver.registers().resume();

    assertEquals(List.of(first, next, last), awaitIds(3));
    assertEquals(
        List.of(
            new Admitted(true, 1, 512), new Admitted(true, 1, 1024), new Admitted(true, 1, 1536)),
        open.admitted());
    assertEquals(1, closed.admitted().size());
    assertEquals(3, disk.content[0]);
  }

  @Test
  void aQueueIsNoMoreThanOneRequestOfADirectionAheadOfOthers() throws InterruptedException {
    Turnstile closed = start(RingKind.PACKED, Turnstile.ofAll());
    for (int i = 0; i < 5; i++) {
      sendWrite(ring, 0, 1, 1);
    }
    closed.await(1);
    sendWrite(second, 0, 2, 1);
    closed.await(2);
    sendRead(0, 3);
    closed.await(3);
    driver.registers().pause();

    assertEquals(
        List.of(
            new Admitted(true, 1, 512), new Admitted(true, 1, 1024), new Admitted(false, 1, 1536)),
        closed.admitted());
  }

  @Test
  void goesAheadWhenTheTimeHasCome() {
    start(RingKind.SPLIT_EVENT_INDEX);
    disk.limit((isWrite, requests, bytes, nowNanos) -> 1_000_000);
    for (int i = 0; i < 5; i++) {
      int write = sendWrite(ring, i, 1, i + 1);
      int read = sendRead(0, 1);
      assertEquals(read + write, ring.await().id() + ring.await().id());
      assertEquals(i + 1, disk.content[i * SECTOR]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPauseKeepsWhatWaits(RingKind kind) throws InterruptedException {
    int write = startWithWaitingWrite(kind);

    driver.registers().pause();
    disk.limit(null);

    assertFalse(ring.hasUsed());
    assertEquals(0, disk.content[0]);
    driver.registers().resume();
    assertEquals(List.of(write), awaitIds(1));
    assertEquals(7, disk.content[0]);
    assertFalse(ring.hasUsed());
  }

  @ParameterizedTest
  @EnumSource
  void aSnapshotHasWhatWaits(RingKind kind) throws InterruptedException {
    Turnstile closed = start(kind, Turnstile.ofWrites());
    int first = sendWrite(ring, 0, 1, 1);
    int last = sendWrite(ring, 0, 2, 2);
    int read = sendRead(0, 1);
    assertEquals(List.of(read), awaitIds(1));
    driver.registers().pause();
    SnapshotReader snapshot = driver.save();

    driver.registers().reset();
    driver.registers().restore(snapshot);
    Turnstile open = Turnstile.open();
    disk.limit(open);
    driver.registers().resume();

    assertEquals(List.of(first, last), awaitIds(2));
    assertEquals(List.of(new Admitted(true, 1, 512), new Admitted(true, 1, 1024)), open.admitted());
    assertEquals(2, disk.content[0]);
    assertEquals(sendRead(0, 1), ring.await().id());
    assertFalse(ring.hasUsed());
  }

  @ParameterizedTest
  @EnumSource
  void aResetForgetsWhatWaits(RingKind kind) throws InterruptedException {
    startWithWaitingWrite(kind);
    sendWrite(ring, 0, 1, 8);

    start(kind);
    disk.limit(null);
    assertEquals(sendRead(0, 1), ring.await().id());

    assertEquals(0, disk.content[0]);
    assertFalse(ring.hasUsed());
  }

  @Test
  void aQueueThatIsStoppedForgetsWhatWaits() throws InterruptedException {
    startWithWaitingWrite(RingKind.SPLIT);

    assertTrue(driver.disable(0));
    disk.limit(null);
    sendWrite(second, 1, 1, 9);
    second.await();

    assertEquals(0, disk.content[0]);
    assertFalse(ring.hasUsed());
  }

  @Test
  void theEndDoesNotWaitForALimit() throws InterruptedException {
    startWithWaitingWrite(RingKind.SPLIT);

    driver.registers().close();

    assertTrue(disk.isClosed);
    assertEquals(0, disk.content[0]);
  }

  @Test
  void nonsenseBesideWhatWaitsNeedsAResetAndNoMore() throws InterruptedException {
    startWithWaitingWrite(RingKind.SPLIT);
    ring.makeAvailable(RING_SIZE);
    ring.kick();
    driver.awaitNeedsReset();

    disk.limit(null);
    start(RingKind.SPLIT);

    assertEquals(sendRead(0, 1), ring.await().id());
    assertEquals(0, disk.content[0]);
  }

  @Test
  void aFullHostKeepsWhatWasPaidFor() throws InterruptedException {
    Turnstile open = start(RingKind.PACKED, Turnstile.open());
    disk.failure = new DiskFullException("no room", new IOException("full"));
    int first = sendWrite(ring, 0, 1, 1);
    int last = sendWrite(ring, 0, 2, 2);
    stopped.await();
    driver.registers().pause();
    assertFalse(ring.hasUsed());

    disk.failure = null;
    driver.registers().resume();

    assertEquals(List.of(first, last), awaitIds(2));
    assertEquals(List.of(new Admitted(true, 1, 512), new Admitted(true, 1, 1024)), open.admitted());
    assertEquals(2, disk.content[0]);
  }

  @Test
  void aFullHostHoldsUpWhatHasNoLimitAnyMore() throws InterruptedException {
    Turnstile closed = start(RingKind.SPLIT, Turnstile.ofAll());
    int first = sendWrite(ring, 0, 1, 1);
    int last = sendWrite(ring, 0, 1, 2);
    closed.await(1);
    disk.failure = new DiskFullException("no room", new IOException("full"));
    disk.limit(null);
    stopped.await();
    driver.registers().pause();
    assertFalse(ring.hasUsed());

    disk.failure = null;
    driver.registers().resume();

    assertEquals(List.of(first, last), awaitIds(2));
    assertEquals(2, disk.content[0]);
  }

  @Test
  void whatIsLimitedIsNotServedByWhoNotifies() {
    start(RingKind.SPLIT);
    disk.isAtHand = true;
    disk.limit(Turnstile.open());

    sendRead(0, 1);
    ring.await();

    assertNotEquals(Thread.currentThread(), disk.lastUser);
    disk.limit(null);
    do {
      // Once the worker, which was told of the change, has come to rest.
      sendRead(0, 1);
      ring.await();
    } while (!Thread.currentThread().equals(disk.lastUser));
  }

  @Test
  void whatReachesTheDiskIsCountedAndNothingElse() {
    Turnstile open = start(RingKind.SPLIT, Turnstile.open());
    ByteBuffer ranges = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    ranges.putLong(0, 1).putInt(8, 1).putLong(16, 4).putInt(24, 2);

    ring.send(header(DISCARD, 0), driver.out(ranges.array()), driver.in(1));
    ring.send(header(WRITE_ZEROES, 0), driver.out(ranges.array()), driver.in(1));
    awaitIds(2);
    ring.send(header(FLUSH, 0), driver.in(1));
    ring.send(header(GET_ID, 0), driver.in(20), driver.in(1));
    sendRead(64, 1);
    sendWrite(ring, 63, 2, 1);
    awaitIds(4);

    assertEquals(List.of(new Admitted(true, 2, 0), new Admitted(true, 2, 0)), open.admitted());
    assertEquals(2, disk.discards.get());
  }
}
