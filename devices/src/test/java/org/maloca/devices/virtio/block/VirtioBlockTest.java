package org.maloca.devices.virtio.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.backend.DiskFullException;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioBlockTest {
  private static final long F_FLUSH = 1L << 9;
  private static final long F_CONFIG_WCE = 1L << 11;
  private static final long F_DISCARD = 1L << 13;
  private static final long F_WRITE_ZEROES = 1L << 14;

  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int FLUSH = 4;
  private static final int GET_ID = 8;
  private static final int DISCARD = 11;
  private static final int WRITE_ZEROES = 13;

  private static final int OK = 0;
  private static final int IOERR = 1;
  private static final int UNSUPP = 2;

  private static final int SECTORS = 64;
  private static final int WRITEBACK = 32;

  private final ArrayDisk disk = new ArrayDisk(SECTORS * 512);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private VirtioDriver driver = driver();
  private DriverRing ring;

  private VirtioDriver driver() {
    return new VirtioDriver(memory ->
        new VirtioBlock(
            "disk0",
            memory,
            disk,
            new VirtioBlock.Options(
                "SERIAL", 1, true, DiskErrorAction.ENOSPC, DiskErrorAction.REPORT),
            (id, cause) -> stopped.countDown()));
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private void start(RingKind kind, long features) {
    driver.negotiate(kind, features);
    ring = driver.ring(0, 16);
    driver.start();
  }

  private DriverRing.Piece header(int type, long sector) {
    return driver.out(
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(type)
            .putInt(0)
            .putLong(sector)
            .array());
  }

  private int request(int type, long sector, DriverRing.Piece... data) {
    DriverRing.Piece[] pieces = new DriverRing.Piece[data.length + 2];
    pieces[0] = header(type, sector);
    System.arraycopy(data, 0, pieces, 1, data.length);
    DriverRing.Piece status = driver.in(1);
    pieces[data.length + 1] = status;
    ring.send(pieces);
    ring.await();
    return driver.bytes(status)[0];
  }

  private static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + 7);
    }
    return bytes;
  }

  @ParameterizedTest
  @EnumSource
  void readsWhatWasWritten(RingKind kind) {
    start(kind, F_FLUSH);
    byte[] data = pattern(1024);
    assertEquals(OK, request(OUT, 3, driver.out(data)));
    assertArrayEquals(data, Arrays.copyOfRange(disk.content, 3 * 512, 5 * 512));
    DriverRing.Piece odd = driver.in(100);
    DriverRing.Piece rest = driver.in(924);
    assertEquals(OK, request(IN, 3, odd, rest));
    assertArrayEquals(Arrays.copyOf(data, 100), driver.bytes(odd));
    assertArrayEquals(Arrays.copyOfRange(data, 100, 1024), driver.bytes(rest));
    assertEquals(0, disk.flushes.get());
    assertEquals(OK, request(FLUSH, 0));
    assertEquals(1, disk.flushes.get());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsAtHandIsServedByWhoNotifies(RingKind kind) {
    start(kind, F_FLUSH);
    disk.isAtHand = true;
    byte[] data = pattern(1024);
    DriverRing.Piece read = driver.in(1024);
    DriverRing.Piece writeStatus = driver.in(1);
    DriverRing.Piece readStatus = driver.in(1);
    ring.offer(header(OUT, 3), driver.out(data), writeStatus);
    ring.offer(header(IN, 3), read, readStatus);
    ring.kick();
    assertTrue(ring.hasUsed());
    assertEquals(Thread.currentThread(), disk.lastUser);
    assertEquals(1, ring.await().written());
    assertEquals(1025, ring.await().written());
    assertEquals(OK, driver.bytes(writeStatus)[0]);
    assertEquals(OK, driver.bytes(readStatus)[0]);
    assertArrayEquals(data, driver.bytes(read));
  }

  @Test
  void theWorkerDoesWhatIsNotAtHandAndWhatIsBehindIt() {
    start(RingKind.SPLIT, F_FLUSH);
    disk.isAtHand = true;
    DriverRing.Piece flushed = driver.in(1);
    DriverRing.Piece read = driver.in(1);
    ring.offer(header(FLUSH, 0), flushed);
    ring.offer(header(IN, 0), driver.in(512), read);
    ring.kick();
    ring.await();
    ring.await();
    assertEquals(1, disk.flushes.get());
    assertEquals(OK, driver.bytes(read)[0]);
    assertNotEquals(Thread.currentThread(), disk.lastUser);
  }

  @Test
  void errorsOfWhatIsAtHandAreReported() {
    start(RingKind.SPLIT, F_FLUSH);
    disk.isAtHand = true;
    disk.failure = new IOException("scratched");
    assertEquals(IOERR, request(IN, 0, driver.in(512)));
    assertEquals(IOERR, request(OUT, 0, driver.out(new byte[512])));
    assertEquals(IOERR, request(IN, SECTORS, driver.in(512)));
  }

  @Test
  void refusesWhatIsNotOnTheDisk() {
    start(RingKind.SPLIT, F_FLUSH);
    assertEquals(IOERR, request(IN, SECTORS, driver.in(512)));
    assertEquals(IOERR, request(IN, SECTORS - 1, driver.in(1024)));
    assertEquals(IOERR, request(IN, -1, driver.in(512)));
    assertEquals(IOERR, request(IN, Long.MAX_VALUE / 512, driver.in(512)));
    assertEquals(IOERR, request(OUT, 0, driver.out(new byte[511])));
    assertEquals(UNSUPP, request(99, 0));
    assertEquals(OK, request(IN, SECTORS - 1, driver.in(512)));
  }

  @Test
  void tellsItsSerialNumber() {
    start(RingKind.PACKED, F_FLUSH);
    DriverRing.Piece id = driver.in(20);
    assertEquals(OK, request(GET_ID, 0, id));
    assertEquals("SERIAL", new String(driver.bytes(id), 0, 6));
    assertEquals(0, driver.bytes(id)[6]);
    assertEquals(IOERR, request(GET_ID, 0, driver.in(19)));
  }

  @Test
  void discardsAndZeroes() {
    start(RingKind.SPLIT, F_DISCARD | F_WRITE_ZEROES | F_FLUSH);
    Arrays.fill(disk.content, (byte) 1);
    assertEquals(OK, request(WRITE_ZEROES, 0, range(2, 3, 1)));
    assertEquals(1, disk.content[2 * 512 - 1]);
    assertEquals(0, disk.content[2 * 512]);
    assertEquals(0, disk.content[5 * 512 - 1]);
    assertEquals(1, disk.content[5 * 512]);
    assertEquals(OK, request(DISCARD, 0, range(0, SECTORS, 0)));
    assertEquals(IOERR, request(DISCARD, 0, range(0, SECTORS + 1, 0)));
    assertEquals(IOERR, request(DISCARD, 0, range(-1, 1, 0)));
    assertEquals(UNSUPP, request(DISCARD, 0, range(0, 1, 1)));
    assertEquals(UNSUPP, request(WRITE_ZEROES, 0, range(0, 1, 2)));
    assertEquals(IOERR, request(WRITE_ZEROES, 0, driver.out(new byte[15])));
    assertEquals(IOERR, request(WRITE_ZEROES, 0));
  }

  private DriverRing.Piece range(long sector, int count, int flags) {
    return driver.out(
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(sector)
            .putInt(count)
            .putInt(flags)
            .array());
  }

  @Test
  void errorsAreReportedAndAFullDiskStopsTheMachine() throws InterruptedException {
    start(RingKind.SPLIT, F_FLUSH);
    disk.failure = new IOException("scratched");
    assertEquals(IOERR, request(IN, 0, driver.in(512)));
    assertEquals(IOERR, request(OUT, 0, driver.out(new byte[512])));
    disk.failure = new DiskFullException("no room", new IOException("full"));
    DriverRing.Piece status = driver.in(1);
    ring.send(header(OUT, 1), driver.out(pattern(512)), status);
    stopped.await();
    driver.registers().pause();
    assertFalse(ring.hasUsed());
    disk.failure = null;
    driver.registers().resume();
    ring.await();
    assertEquals(OK, driver.bytes(status)[0]);
    assertArrayEquals(pattern(512), Arrays.copyOfRange(disk.content, 512, 1024));
  }

  @Test
  void driverThatCannotFlushIsSafeAllTheSame() {
    start(RingKind.SPLIT, 0);
    assertEquals(OK, request(OUT, 0, driver.out(new byte[512])));
    assertEquals(1, disk.flushes.get());
  }

  @Test
  void cacheModeIsTheDriversAndSurvivesASnapshot() {
    start(RingKind.PACKED, F_FLUSH | F_CONFIG_WCE);
    driver.setConfig(WRITEBACK, 1, 0);
    assertEquals(OK, request(OUT, 0, driver.out(new byte[512])));
    assertEquals(1, disk.flushes.get());
    driver.registers().pause();
    var snapshot = driver.save();
    driver.registers().reset();
    assertEquals(1, driver.config(WRITEBACK, 1));
    driver.registers().restore(snapshot);
    driver.registers().resume();
    assertEquals(0, driver.config(WRITEBACK, 1));
    assertEquals(OK, request(OUT, 0, driver.out(new byte[512])));
    assertEquals(2, disk.flushes.get());
  }

  @Test
  void aHostThatWritesThroughIsSaidToAndNotFlushed() {
    driver.close();
    disk.isWriteThrough = true;
    driver = driver();
    start(RingKind.SPLIT, F_FLUSH | F_CONFIG_WCE);
    assertEquals(0, driver.config(WRITEBACK, 1));
    assertEquals(OK, request(OUT, 0, driver.out(new byte[512])));
    assertEquals(0, disk.flushes.get());
    driver.setConfig(WRITEBACK, 1, 1);
    assertEquals(1, driver.config(WRITEBACK, 1));
    assertEquals(OK, request(FLUSH, 0));
    assertEquals(1, disk.flushes.get());
    driver.registers().reset();
    assertEquals(0, driver.config(WRITEBACK, 1));
  }

  @Test
  void driverThatCannotFlushHasNoCacheWhateverItSays() {
    start(RingKind.SPLIT, F_CONFIG_WCE);
    assertEquals(0, driver.config(WRITEBACK, 1));
    driver.setConfig(WRITEBACK, 1, 1);
    assertEquals(0, driver.config(WRITEBACK, 1));
    assertEquals(OK, request(OUT, 0, driver.out(new byte[512])));
    assertEquals(1, disk.flushes.get());
  }

  @Test
  void requestsWithoutRoomForAnAnswerNeedAReset() {
    start(RingKind.SPLIT, F_FLUSH);
    ring.send(header(IN, 0));
    driver.awaitNeedsReset();
    start(RingKind.SPLIT, F_FLUSH);
    ring.send(driver.out(new byte[15]), driver.in(1));
    driver.awaitNeedsReset();
    start(RingKind.SPLIT, F_FLUSH);
    assertEquals(OK, request(IN, 0, driver.in(512)));
  }
}
