package org.maloca.devices.virtio.scsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.backend.DiskFullException;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.disk.Turnstile;
import org.maloca.devices.scsi.ScsiDisk;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

class VirtioScsiTest {
  private static final long F_HOTPLUG = 1L << 1;
  private static final long F_CHANGE = 1L << 2;

  private static final int OK = 0;
  private static final int OVERRUN = 1;
  private static final int ABORTED = 2;
  private static final int BAD_TARGET = 3;
  private static final int RESET = 4;
  private static final int FAILURE = 9;
  private static final int FUNCTION_REJECTED = 11;
  private static final int INCORRECT_LUN = 12;

  private static final int ABORT_TASK = 0;
  private static final int I_T_NEXUS_RESET = 4;
  private static final int LOGICAL_UNIT_RESET = 5;
  private static final int QUERY_TASK = 6;
  private static final int QUERY_TASK_SET = 7;

  private static final int SENSE_SIZE = 20;
  private static final int CDB_SIZE = 24;
  private static final String TEST_UNIT_READY = "00 00 00 00 00 00";
  private static final String READ_BLOCK_1 = "28 00 00 00 00 01 00 00 01 00";
  private static final String WRITE_BLOCK_1 = "2a 00 00 00 00 01 00 00 01 00";

  private final ArrayDisk disk = new ArrayDisk(64 * 512);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final DiskErrors errors =
      new DiskErrors(
          DiskErrorAction.ENOSPC, DiskErrorAction.REPORT, (id, cause) -> stopped.countDown());
  private VirtioScsi device;
  private final VirtioDriver driver =
      new VirtioDriver(memory -> {
        device = new VirtioScsi("scsi0", memory, 2, true);
        device.attach(3, 0, new ScsiDisk("disk0", disk, "S0", errors));
        device.attach(3, 7, new ScsiDisk("disk1", new ArrayDisk(512), "S1", errors));
        return device;
      });
  private DriverRing control;
  private DriverRing events;
  private DriverRing requests;

  @AfterEach
  void close() {
    driver.close();
  }

  private void start(RingKind kind) {
    driver.negotiate(kind, F_HOTPLUG | F_CHANGE);
    control = driver.ring(0, 16);
    events = driver.ring(1, 16);
    requests = driver.ring(2, 16);
    driver.start();
  }

  /** An answer of the device: its header, and whether sense data came with it. */
  private record Answer(int senseBytes, int residual, int status, int response, byte[] sense) {}

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] address(int target, int lun) {
    return new byte[] {1, (byte) target, (byte) (0x40 | lun >> 8), (byte) lun, 0, 0, 0, 0};
  }

  private DriverRing.Piece header(byte[] address, long tag, String cdb, int cdbBytes) {
    byte[] block = HexFormat.of().parseHex(cdb.replace(" ", ""));
    return driver.out(
        little(19 + cdbBytes)
            .put(address)
            .putLong(tag)
            .put(new byte[3])
            .put(Arrays.copyOf(block, cdbBytes))
            .array());
  }

  private Answer answer(DriverRing.Piece piece) {
    ByteBuffer bytes = ByteBuffer.wrap(driver.bytes(piece)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] sense = Arrays.copyOfRange(bytes.array(), 12, bytes.capacity());
    return new Answer(bytes.getInt(0), bytes.getInt(4), bytes.get(10), bytes.get(11), sense);
  }

  private Answer read(byte[] address, String cdb, DriverRing.Piece... data) {
    DriverRing.Piece response = driver.in(108);
    DriverRing.Piece[] pieces = new DriverRing.Piece[2 + data.length];
    pieces[0] = header(address, 1, cdb, 32);
    pieces[1] = response;
    System.arraycopy(data, 0, pieces, 2, data.length);
    requests.send(pieces);
    requests.await();
    return answer(response);
  }

  private Answer write(byte[] address, String cdb, DriverRing.Piece data) {
    DriverRing.Piece response = driver.in(108);
    requests.send(header(address, 1, cdb, 32), data, response);
    requests.await();
    return answer(response);
  }

  /** Hears of the power that came on. */
  private void awake() {
    Answer news = read(address(3, 0), TEST_UNIT_READY);
    assertEquals(2, news.status);
    assertEquals(18, news.senseBytes);
    assertEquals(6, news.sense[2]);
    assertEquals(0x29, news.sense[12]);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsAtHandIsServedByWhoNotifies(RingKind kind) {
    start(kind);
    awake();
    disk.isAtHand = true;
    byte[] block = new byte[512];
    Arrays.fill(block, (byte) 7);
    DriverRing.Piece data = driver.in(512);
    DriverRing.Piece response = driver.in(108);
    DriverRing.Piece writeResponse = driver.in(108);
    requests.offer(header(address(3, 0), 1, WRITE_BLOCK_1, 32), driver.out(block), writeResponse);
    requests.offer(header(address(3, 0), 2, READ_BLOCK_1, 32), response, data);
    requests.kick();
    assertTrue(requests.hasUsed());
    assertEquals(Thread.currentThread(), disk.lastUser);
    assertEquals(108, requests.await().written());
    assertEquals(620, requests.await().written());
    assertEquals(OK, answer(writeResponse).response);
    assertEquals(0, answer(response).residual);
    assertArrayEquals(block, driver.bytes(data));
  }

  private DriverRing.Piece function(int subtype, int target, int lun, long tag) {
    return driver.out(
        little(24).putInt(0).putInt(subtype).put(address(target, lun)).putLong(tag).array());
  }

  private int manage(int subtype, int target, int lun, long tag) {
    DriverRing.Piece response = driver.in(1);
    control.send(function(subtype, target, lun, tag), response);
    control.await();
    return driver.bytes(response)[0];
  }

  @ParameterizedTest
  @EnumSource
  void readsWhatWasWritten(RingKind kind) {
    start(kind);
    awake();
    byte[] data = new byte[512];
    Arrays.fill(data, (byte) 9);
    Answer written = write(address(3, 0), WRITE_BLOCK_1, driver.out(data));
    assertEquals(new Answer(0, 0, 0, OK, written.sense), written);
    assertArrayEquals(data, Arrays.copyOfRange(disk.content, 512, 1024));
    DriverRing.Piece odd = driver.in(100);
    DriverRing.Piece rest = driver.in(500);
    Answer answer = read(address(3, 0), READ_BLOCK_1, odd, rest);
    assertEquals(OK, answer.response);
    assertEquals(88, answer.residual);
    assertArrayEquals(Arrays.copyOf(data, 100), driver.bytes(odd));
    assertArrayEquals(Arrays.copyOf(data, 412), Arrays.copyOf(driver.bytes(rest), 412));
    assertEquals((byte) 0xee, driver.bytes(rest)[412]);
  }

  @Test
  void placesWithoutUnitsAreTold() {
    start(RingKind.SPLIT);
    assertEquals(BAD_TARGET, read(address(4, 0), TEST_UNIT_READY).response);
    assertEquals(BAD_TARGET, read(new byte[8], TEST_UNIT_READY).response);
    Answer without = read(address(3, 1), TEST_UNIT_READY);
    assertEquals(OK, without.response);
    assertEquals(0x25, without.sense[12]);
    assertEquals(0x25, read(address(3, 300), TEST_UNIT_READY).sense[12]);
    byte[] peripheral = {1, 3, 0, 7, 0, 0, 0, 0};
    assertEquals(0x29, read(peripheral, TEST_UNIT_READY).sense[12]);
  }

  @Test
  void wellKnownUnitListsAll() {
    start(RingKind.SPLIT);
    DriverRing.Piece list = driver.in(64);
    byte[] wellKnown = {(byte) 0xc1, 1, 0, 0, 0, 0, 0, 0};
    Answer answer = read(wellKnown, "a0 00 00 00 00 00 00 00 00 40 00 00", list);
    assertEquals(OK, answer.response);
    assertEquals(40, answer.residual);
    assertArrayEquals(
        new byte[] {1, 3, 0, 7, 0, 0, 0, 0}, Arrays.copyOfRange(driver.bytes(list), 16, 24));
  }

  @Test
  void tooLittleRoomIsAnOverrun() {
    start(RingKind.SPLIT);
    awake();
    assertEquals(OVERRUN, read(address(3, 0), READ_BLOCK_1, driver.in(511)).response);
    DriverRing.Piece response = driver.in(108);
    requests.send(
        header(address(3, 0), 1, READ_BLOCK_1, 32),
        driver.out(new byte[8]),
        response,
        driver.in(8));
    requests.await();
    assertEquals(FAILURE, answer(response).response, "both ways at once");
  }

  @Test
  void driverChoosesTheSizesOfItsHeaders() {
    start(RingKind.SPLIT);
    driver.setConfig(CDB_SIZE, 4, 16);
    driver.setConfig(SENSE_SIZE, 4, 8);
    DriverRing.Piece response = driver.in(20);
    requests.send(header(address(3, 0), 1, TEST_UNIT_READY, 16), response);
    requests.await();
    assertEquals(8, answer(response).senseBytes);
    driver.setConfig(CDB_SIZE, 4, 1 << 20);
    assertEquals(16, driver.config(CDB_SIZE, 4));
    driver.reset();
    assertEquals(32, driver.config(CDB_SIZE, 4));
    assertEquals(96, driver.config(SENSE_SIZE, 4));
  }

  @Test
  void requestsWithoutTheirHeadersNeedAReset() {
    start(RingKind.SPLIT);
    requests.send(driver.out(new byte[50]), driver.in(108));
    driver.awaitNeedsReset();
    start(RingKind.SPLIT);
    requests.send(driver.out(new byte[51]), driver.in(107));
    driver.awaitNeedsReset();
    start(RingKind.SPLIT);
    control.send(driver.out(new byte[15]), driver.in(1));
    driver.awaitNeedsReset();
  }

  @Test
  void resetOfAUnitIsNews() {
    start(RingKind.SPLIT);
    awake();
    assertEquals(OK, manage(LOGICAL_UNIT_RESET, 3, 0, 0));
    assertEquals(3, read(address(3, 0), TEST_UNIT_READY).sense[13]);
    assertEquals(0, read(address(3, 0), TEST_UNIT_READY).status);
    assertEquals(OK, manage(I_T_NEXUS_RESET, 3, 0, 0));
    assertEquals(7, read(address(3, 0), TEST_UNIT_READY).sense[13]);
    assertEquals(7, read(address(3, 7), TEST_UNIT_READY).sense[13]);
    assertEquals(INCORRECT_LUN, manage(LOGICAL_UNIT_RESET, 3, 1, 0));
    assertEquals(BAD_TARGET, manage(LOGICAL_UNIT_RESET, 2, 0, 0));
    assertEquals(FUNCTION_REJECTED, manage(77, 3, 0, 0));
    assertEquals(OK, manage(QUERY_TASK, 3, 0, 1));
  }

  /** Sends writes that wait for room on the host, the first of which stops the machine. */
  private DriverRing.Piece[] sendWaiting(long... tags) throws InterruptedException {
    disk.failure = new DiskFullException("no room", new IOException("full"));
    DriverRing.Piece[] responses = new DriverRing.Piece[tags.length];
    for (int i = 0; i < tags.length; i++) {
      responses[i] = driver.in(108);
      requests.offer(
          header(address(3, 0), tags[i], WRITE_BLOCK_1, 32),
          driver.out(new byte[512]),
          responses[i]);
    }
    requests.kick();
    stopped.await();
    return responses;
  }

  @Test
  void abortedTasksAreNotExecuted() throws InterruptedException {
    start(RingKind.SPLIT);
    awake();
    DriverRing.Piece[] waiting = sendWaiting(11, 12, 13);
    assertFalse(requests.hasUsed());
    DriverRing.Piece response = driver.in(1);
    control.send(function(ABORT_TASK, 3, 0, 11), response);
    requests.await();
    assertEquals(ABORTED, answer(waiting[0]).response);
    // The others, which are in the way, still wait for room.
    driver.registers().pause();
    assertFalse(control.hasUsed());
    disk.failure = null;
    driver.registers().resume();
    control.await();
    assertEquals(OK, driver.bytes(response)[0]);
    requests.await();
    requests.await();
    assertEquals(OK, answer(waiting[1]).response);
    assertEquals(OK, answer(waiting[2]).response);
  }

  @Test
  void resetOfAUnitEndsItsTasks() throws InterruptedException {
    start(RingKind.SPLIT);
    awake();
    DriverRing.Piece[] waiting = sendWaiting(11, 12);
    DriverRing.Piece response = driver.in(1);
    control.send(function(LOGICAL_UNIT_RESET, 3, 0, 0), response);
    control.await();
    assertEquals(OK, driver.bytes(response)[0]);
    requests.await();
    requests.await();
    assertEquals(RESET, answer(waiting[0]).response);
    assertEquals(RESET, answer(waiting[1]).response);
    assertEquals(0, disk.content[512]);
  }

  private byte[] awaitEvent(DriverRing.Piece buffer) {
    events.await();
    return driver.bytes(buffer);
  }

  @Test
  void driverIsToldOfSizesAndOfUnitsThatComeAndGo() throws IOException {
    start(RingKind.PACKED);
    DriverRing.Piece buffer = driver.in(16);
    events.send(buffer);
    disk.resize(8 * 512);
    byte[] change = awaitEvent(buffer);
    assertEquals(3, change[0]);
    assertArrayEquals(
        new byte[] {1, 3, 0, 0, 0, 0, 0, 0},
        Arrays.copyOfRange(change, 4, 12),
        "as REPORT LUNS has it");
    assertEquals(0x2a, change[12]);
    assertEquals(9, change[13]);

    ArrayDisk added = new ArrayDisk(4096);
    device.attach(9, 0, new ScsiDisk("disk2", added, "S2", errors));
    // The event has waited for the buffer.
    DriverRing.Piece second = driver.in(16);
    events.send(second);
    byte[] came = awaitEvent(second);
    assertEquals(1, came[0]);
    assertEquals(1, came[12]);
    assertEquals(0x29, read(address(9, 0), TEST_UNIT_READY).sense[12]);

    device.detach(9, 0);
    DriverRing.Piece third = driver.in(16);
    events.send(third);
    assertEquals(2, awaitEvent(third)[12]);
    assertTrue(added.isClosed);
    assertEquals(BAD_TARGET, read(address(9, 0), TEST_UNIT_READY).response);
  }

  @Test
  void missedEventsAreTold() {
    start(RingKind.SPLIT);
    for (int i = 0; i < 33; i++) {
      disk.resize(512 * (i + 1));
    }
    DriverRing.Piece buffer = driver.in(16);
    events.send(buffer);
    assertEquals((byte) 0x80, awaitEvent(buffer)[3]);
  }

  @Test
  void notificationsAreAnswered() {
    start(RingKind.SPLIT);
    DriverRing.Piece response = driver.in(5);
    control.send(
        driver.out(little(16).putInt(1).put(address(3, 0)).putInt(0x10).array()), response);
    control.await();
    assertArrayEquals(new byte[5], driver.bytes(response));
  }

  @Test
  void sizesAndEventsSurviveASnapshot() {
    start(RingKind.SPLIT);
    awake();
    driver.setConfig(SENSE_SIZE, 4, 18);
    disk.resize(512);
    driver.registers().pause();
    var snapshot = driver.save();
    driver.registers().reset();
    driver.registers().restore(snapshot);
    driver.registers().resume();
    assertEquals(18, driver.config(SENSE_SIZE, 4));
    DriverRing.Piece buffer = driver.in(16);
    events.send(buffer);
    assertEquals(3, awaitEvent(buffer)[0]);
    DriverRing.Piece response = driver.in(30);
    requests.send(header(address(3, 0), 1, TEST_UNIT_READY, 32), response);
    requests.await();
    assertEquals(0x2a, answer(response).sense[12]);
  }

  /** Sends a write or a read of block 1, which gets no answer by itself. */
  private DriverRing.Piece sendBeside(long tag, String cdb) {
    DriverRing.Piece response = driver.in(108);
    boolean isWrite = cdb.equals(WRITE_BLOCK_1);
    if (isWrite) {
      requests.send(header(address(3, 0), tag, cdb, 32), driver.out(new byte[512]), response);
    } else {
      requests.send(header(address(3, 0), tag, cdb, 32), response, driver.in(512));
    }
    return response;
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(60)
  void readsAndOtherDiscsDoNotWaitForTheLimitOfWrites(RingKind kind) {
    start(kind);
    awake();
    Arrays.fill(disk.content, (byte) 5);
    disk.limit(Turnstile.ofWrites());
    final DriverRing.Piece write = sendBeside(1, WRITE_BLOCK_1);

    assertEquals(OK, read(address(3, 0), READ_BLOCK_1, driver.in(512)).response);
    assertEquals(0x29, read(address(3, 7), TEST_UNIT_READY).sense[12]);
    assertEquals(0, read(address(3, 7), TEST_UNIT_READY).status);
    assertEquals(5, disk.content[512]);
    disk.limit(null);
    requests.await();

    assertEquals(OK, answer(write).response);
    assertEquals(0, disk.content[512]);
  }

  @Test
  @Timeout(60)
  void tasksThatWaitForALimitAreFoundAndAborted() throws InterruptedException {
    start(RingKind.PACKED);
    awake();
    Turnstile writes = Turnstile.ofWrites();
    disk.limit(writes);
    sendBeside(11, WRITE_BLOCK_1);
    final DriverRing.Piece second = sendBeside(12, WRITE_BLOCK_1);
    final DriverRing.Piece third = sendBeside(13, WRITE_BLOCK_1);

    assertEquals(10, manage(QUERY_TASK, 3, 0, 12), "it is there");
    assertEquals(10, manage(QUERY_TASK_SET, 3, 0, 0));
    assertEquals(OK, manage(QUERY_TASK, 3, 0, 14));
    assertEquals(OK, manage(QUERY_TASK_SET, 3, 7, 0));
    assertFalse(requests.hasUsed());
    assertEquals(OK, manage(ABORT_TASK, 3, 0, 12));
    requests.await();
    assertEquals(ABORTED, answer(second).response);
    assertEquals(OK, manage(QUERY_TASK, 3, 0, 12));
    assertFalse(requests.hasUsed());
    assertEquals(OK, manage(LOGICAL_UNIT_RESET, 3, 0, 0));
    requests.await();
    requests.await();
    assertEquals(RESET, answer(third).response);
    assertEquals(1, writes.admitted().size(), "only the first has had its turn");
  }

  /** What the device has taken is in no ring any more, so only the device can count it. */
  @Test
  @Timeout(60)
  void aRequestThatIsOfferedAgainAndAgainIsNotTakenMoreThanTheRingHolds() {
    start(RingKind.SPLIT);
    awake();
    Turnstile writes = Turnstile.ofWrites();
    disk.limit(writes);
    int head =
        requests.send(
            header(address(3, 0), 1, WRITE_BLOCK_1, 32), driver.out(new byte[512]), driver.in(108));
    for (int i = 1; i < requests.size; i++) {
      requests.makeAvailable(head);
    }
    requests.kick();
    // A function goes to the queue's end, and makes room for what may lie there.
    assertEquals(10, manage(QUERY_TASK, 3, 0, 1));
    requests.await();
    assertFalse(requests.hasUsed());
    for (int i = 0; i < requests.size; i++) {
      requests.makeAvailable(head);
    }
    requests.kick();

    assertEquals(OK, manage(LOGICAL_UNIT_RESET, 3, 0, 0));

    for (int i = 1; i < 2 * requests.size; i++) {
      requests.await();
    }
    assertFalse(requests.hasUsed());
    assertTrue(writes.admitted().size() <= 2, writes.admitted()::toString);
    assertEquals(OK, read(address(3, 7), TEST_UNIT_READY).response);
  }

  @Test
  @Timeout(60)
  void nobodyWaitsForALimitToPauseOrToTakeAUnitOut() throws Exception {
    start(RingKind.SPLIT);
    awake();
    Turnstile all = Turnstile.ofAll();
    disk.limit(all);
    final DriverRing.Piece write = sendBeside(1, WRITE_BLOCK_1);
    final DriverRing.Piece read = sendBeside(2, READ_BLOCK_1);
    all.await(2);
    driver.registers().pause();
    driver.registers().resume();
    assertFalse(requests.hasUsed());

    device.detach(3, 0);

    assertTrue(disk.isClosed);
    requests.await();
    requests.await();
    assertEquals(0x25, answer(write).sense[12]);
    assertEquals(0x25, answer(read).sense[12]);
  }

  @Test
  void commandsCountAsTheRequestsThatTheyAre() {
    start(RingKind.SPLIT);
    awake();
    Turnstile open = Turnstile.open();
    disk.limit(open);
    disk.isAtHand = true;

    read(address(3, 0), READ_BLOCK_1, driver.in(512));
    read(address(3, 0), "2f 00 00 00 00 01 00 00 02 00");
    read(address(3, 0), "35 00 00 00 00 00 00 00 00 00");
    write(address(3, 0), WRITE_BLOCK_1, driver.out(new byte[512]));
    byte[] block = new byte[512];
    write(address(3, 0), "41 00 00 00 00 01 00 00 03 00", driver.out(block));
    block[0] = 1;
    write(address(3, 0), "41 00 00 00 00 01 00 00 03 00", driver.out(block));
    ByteBuffer unmap = ByteBuffer.allocate(40).putShort(0, (short) 38).putShort(2, (short) 32);
    unmap.putLong(8, 1).putInt(16, 1).putLong(24, 5).putInt(32, 2);
    write(address(3, 0), "42 00 00 00 00 00 00 00 28 00", driver.out(unmap.array()));
    read(address(3, 0), "28 00 00 01 00 01 00 00 01 00", driver.in(512));

    assertEquals(
        List.of(
            new Turnstile.Admitted(false, 1, 512),
            new Turnstile.Admitted(false, 1, 1024),
            new Turnstile.Admitted(true, 1, 512),
            new Turnstile.Admitted(true, 1, 0),
            new Turnstile.Admitted(true, 1, 1536),
            new Turnstile.Admitted(true, 2, 0)),
        open.admitted());
    assertEquals(1, disk.flushes.get());
    assertEquals(2, disk.discards.get());
  }

  @Test
  @Timeout(60)
  void whatWaitsIsNotFlushedBeforeItIsDone() throws InterruptedException {
    start(RingKind.SPLIT);
    awake();
    byte[] noCache = new byte[4 + 20];
    noCache[4] = 0x08;
    noCache[5] = 18;
    assertEquals(OK, write(address(3, 0), "15 10 00 00 18 00", driver.out(noCache)).response);
    assertEquals(1, disk.flushes.get());
    Turnstile all = Turnstile.ofAll();
    disk.limit(all);
    byte[] block = new byte[512];
    DriverRing.Piece response = driver.in(108);
    requests.send(
        header(address(3, 0), 1, "41 00 00 00 00 01 00 00 03 00", 32), driver.out(block), response);
    all.await(1);
    driver.registers().pause();

    assertEquals(1, disk.flushes.get());

    driver.registers().resume();
    disk.limit(null);
    requests.await();
    assertEquals(2, disk.flushes.get());
  }
}
