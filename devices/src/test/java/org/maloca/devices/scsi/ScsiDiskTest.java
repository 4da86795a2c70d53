package org.maloca.devices.scsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.backend.DiskFullException;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;

class ScsiDiskTest {
  private static final String TEST_UNIT_READY = "00 00 00 00 00 00";
  private static final String CACHING_PAGE = "1a 08 08 00 ff 00";
  private static final int SECTORS = 64;

  private final ArrayDisk disk = new ArrayDisk(SECTORS * 512);
  private final AtomicReference<String> stopped = new AtomicReference<>();
  private final DiskErrors errors =
      new DiskErrors(
          DiskErrorAction.ENOSPC, DiskErrorAction.REPORT, (id, failure) -> stopped.set(id));
  private final ScsiDisk unit = new ScsiDisk("disk0", disk, "SERIAL-1", errors);
  private final Initiator initiator = new Initiator(unit).awake();

  private static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + 7);
    }
    return bytes;
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "0a 00 00 03 02 00, 08 00 00 03 02 00",
    "2a 00 00 00 00 03 00 00 02 00, 28 00 00 00 00 03 00 00 02 00",
    "aa 00 00 00 00 03 00 00 00 02 00 00, a8 00 00 00 00 03 00 00 00 02 00 00",
    "8a 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00,"
        + " 88 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00",
    "2e 00 00 00 00 03 00 00 02 00, 28 10 00 00 00 03 00 00 02 00"
  })
  void readsWhatWasWritten(String write, String read) {
    initiator.write(write, pattern(1024));
    assertArrayEquals(pattern(1024), Arrays.copyOfRange(disk.content, 3 * 512, 5 * 512));
    assertArrayEquals(pattern(1024), initiator.read(read));
  }

  @ParameterizedTest
  @CsvSource({
    "0a 00 00 03 02 00, 08 00 00 03 02 00",
    "2a 00 00 00 00 03 00 00 02 00, 28 00 00 00 00 03 00 00 02 00",
    "8a 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00,"
        + " 88 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00"
  })
  void whatIsAtHandIsDoneAtOnce(String write, String read) {
    disk.isAtHand = true;
    assertTrue(initiator.writesAtOnce(write, pattern(1024)));
    assertArrayEquals(pattern(1024), Arrays.copyOfRange(disk.content, 3 * 512, 5 * 512));
    assertArrayEquals(pattern(1024), initiator.readsAtOnce(read, 1024));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2a 08 00 00 00 03 00 00 02 00", // forces unit access
        "2e 00 00 00 00 03 00 00 02 00", // verifies
        "2a 00 00 00 00 40 00 00 01 00", // lies beyond the disc
        "2a 00 00 00 00 03 00 00 03 00", // has more blocks than data
        "35 00 00 00 00 00 00 00 00 00", // flushes
      })
  void whatMayWaitOrFailIsLeft(String cdb) {
    disk.isAtHand = true;
    assertFalse(initiator.writesAtOnce(cdb, pattern(1024)));
    assertArrayEquals(new byte[SECTORS * 512], disk.content);
  }

  @Test
  void nothingIsDoneAtOnceBeforeNewsAreHeard() {
    disk.isAtHand = true;
    unit.reset(Sense.UNIT_RESET);
    assertFalse(initiator.writesAtOnce("2a 00 00 00 00 03 00 00 02 00", pattern(1024)));
    assertEquals("6/29/03", initiator.refused(TEST_UNIT_READY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "28 00 00 00 00 40 00 00 01 00",
        "28 00 00 00 00 3f 00 00 02 00",
        "28 00 ff ff ff ff 00 00 01 00",
        "88 00 ff ff ff ff ff ff ff ff 00 00 00 01 00 00",
        "88 00 7f ff ff ff ff ff ff ff 00 00 00 01 00 00",
        "2f 00 00 00 00 40 00 00 01 00",
        "35 00 00 00 00 00 00 00 41 00",
        "93 00 00 00 00 00 00 00 00 40 00 00 00 01 00 00"
      })
  void addressesBeyondTheDiscAreRefused(String cdb) {
    assertEquals("5/21/00", initiator.refused(cdb, new byte[512]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "28 20 00 00 00 00 00 00 01 00",
        "a8 00 00 00 00 00 ff ff ff ff 00 00",
        "41 00 00 00 00 00 00 00 00 00",
        "93 02 00 00 00 00 00 00 00 00 00 00 00 01 00 00",
        "9e 11 00 00 00 00 00 00 00 00 00 00 00 20 00 00",
        "12 00 80 00 60 00",
        "12 01 b7 00 60 00",
        "1a 08 05 00 ff 00",
        "15 11 00 00 04 00",
        "25 00 00 00 00 01 00 00 00 00"
      })
  void fieldsThatMakeNoSenseAreRefused(String cdb) {
    assertEquals("5/24/00", initiator.refused(cdb, new byte[512]));
  }

  @Test
  void unknownCommandsAreRefused() {
    assertEquals("5/20/00", initiator.refused("ff 00 00 00 00 00"));
    assertEquals("5/20/00", initiator.refused("43 00 00 00 00 00 00 00 ff 00"));
  }

  @Test
  void tellsWhatItIs() {
    byte[] data = initiator.read("12 00 00 00 60 00");
    assertEquals(0, data[0]);
    assertEquals(data.length - 5, data[4]);
    assertEquals("MALOCA  DISK            1.0 ", text(data, 8, 36));
    assertEquals(5, initiator.read("12 00 00 00 05 00").length);

    assertArrayEquals(
        new byte[] {0, 0, 0, 6, 0, (byte) 0x80, (byte) 0x83, (byte) 0xb0, (byte) 0xb1, (byte) 0xb2},
        initiator.read("12 01 00 00 ff 00"));
    assertEquals("SERIAL-1", text(initiator.read("12 01 80 00 ff 00"), 4, 12));
    byte[] names = initiator.read("12 01 83 00 ff 00");
    assertEquals("MALOCA  SERIAL-1", text(names, 8, names.length));
    byte[] limits = initiator.read("12 01 b0 00 ff 00");
    assertEquals(64, limits.length);
    assertEquals(8, BigEndian.get(limits, 6, 2));
    assertEquals(1 << 21, BigEndian.get(limits, 20, 4));
    assertEquals(1, BigEndian.get(initiator.read("12 01 b1 00 ff 00"), 4, 2));
    assertEquals(0xe0, initiator.read("12 01 b2 00 ff 00")[5] & 0xff);
  }

  @Test
  void tellsItsCapacity() {
    byte[] ten = initiator.read("25 00 00 00 00 00 00 00 00 00");
    assertEquals(SECTORS - 1, BigEndian.get(ten, 0, 4));
    assertEquals(512, BigEndian.get(ten, 4, 4));
    byte[] sixteen = initiator.read("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00");
    assertEquals(32, sixteen.length);
    assertEquals(SECTORS - 1, BigEndian.get(sixteen, 0, 8));
    assertEquals(0x80, sixteen[14] & 0xff);
  }

  @Test
  void resizeIsNews() {
    AtomicReference<Sense> news = new AtomicReference<>();
    unit.onNews(news::set);
    disk.resize(32 * 512);
    assertEquals(Sense.CAPACITY_CHANGED, news.get());
    assertEquals("6/2a/09", initiator.refused("28 00 00 00 00 00 00 00 01 00"));
    assertEquals(31, BigEndian.get(initiator.read("25 00 00 00 00 00 00 00 00 00"), 0, 4));
  }

  @Test
  void newsGoWithRequestSenseAndWaitForInquiry() {
    unit.reset(Sense.UNIT_RESET);
    initiator.read("12 00 00 00 60 00");
    byte[] fixed = initiator.read("03 00 00 00 ff 00");
    assertEquals(0x70, fixed[0]);
    assertEquals(6, fixed[2]);
    assertEquals(0x29, fixed[12]);
    assertEquals(3, fixed[13]);
    assertArrayEquals(new byte[] {0x72, 0, 0, 0, 0, 0, 0, 0}, initiator.read("03 01 00 00 ff 00"));
    initiator.read(TEST_UNIT_READY);
  }

  @Test
  void senseHasDescriptorsIfAsked() {
    byte[] select = new byte[4 + 12];
    byte[] page = initiator.read("1a 08 0a 00 ff 00");
    System.arraycopy(page, 4, select, 4, 12);
    select[6] |= 4;
    initiator.write("15 10 00 00 10 00", select);
    initiator.refused("ff 00 00 00 00 00");
    assertEquals(0x72, initiator.command.sense()[0]);
    assertEquals(0x20, initiator.command.sense()[2]);
  }

  @Test
  void writeCacheCanBeTurnedOff() {
    byte[] page = initiator.read(CACHING_PAGE);
    assertEquals(4, page[6]);
    assertEquals(4, initiator.read("1a 08 48 00 ff 00")[6], "changeable");
    initiator.write("2a 00 00 00 00 00 00 00 01 00", new byte[512]);
    assertEquals(0, disk.flushes.get());
    initiator.write("2a 08 00 00 00 00 00 00 01 00", new byte[512]);
    assertEquals(1, disk.flushes.get(), "forced unit access");
    page[0] = 0;
    page[6] = 0;
    initiator.write("15 10 00 00 18 00", page);
    assertEquals(2, disk.flushes.get(), "what was cached");
    initiator.write("2a 00 00 00 00 00 00 00 01 00", new byte[512]);
    assertEquals(3, disk.flushes.get());
    unit.reset(Sense.UNIT_RESET);
    initiator.refused(TEST_UNIT_READY);
    assertEquals(4, initiator.read(CACHING_PAGE)[6]);
  }

  @Test
  void aHostThatWritesThroughHasNoCacheAndIsNotFlushed() {
    disk.isWriteThrough = true;
    ScsiDisk through = new ScsiDisk("disk1", disk, "SERIAL-2", errors);
    Initiator other = new Initiator(through).awake();
    assertEquals(0, other.read(CACHING_PAGE)[6]);
    assertEquals(4, other.read("1a 08 48 00 ff 00")[6], "changeable");
    through.reset(Sense.UNIT_RESET);
    other.refused(TEST_UNIT_READY);
    other.write("2a 00 00 00 00 00 00 00 01 00", new byte[512]);
    assertEquals(0, disk.flushes.get());
  }

  @Test
  void modeSelectTakesAllOrNothing() {
    byte[] list = new byte[8 + 20 + 12];
    System.arraycopy(initiator.read(CACHING_PAGE), 4, list, 8, 20);
    list[10] = 0;
    list[28] = 0x0a;
    list[29] = 10;
    list[30] = 0x40;
    assertEquals("5/26/00", initiator.refused("55 10 00 00 00 00 00 00 28 00", list));
    assertEquals(4, initiator.read(CACHING_PAGE)[6]);
    assertEquals("5/1a/00", initiator.refused("15 10 00 00 03 00", new byte[3]));
    assertEquals("5/1a/00", initiator.refused("15 10 00 00 05 00", new byte[5]));
  }

  @Test
  void modeSenseHasABlockDescriptor() {
    byte[] six = initiator.read("1a 00 3f 00 ff 00");
    assertEquals(six.length - 1, six[0] & 0xff);
    assertEquals(0x10, six[2]);
    assertEquals(8, six[3]);
    assertEquals(SECTORS, BigEndian.get(six, 4, 4));
    assertEquals(512, BigEndian.get(six, 9, 3));
    byte[] ten = initiator.read("5a 10 3f 00 00 00 00 00 ff 00");
    assertEquals(16, BigEndian.get(ten, 6, 2));
    assertEquals(SECTORS, BigEndian.get(ten, 8, 8));
    assertEquals(512, BigEndian.get(ten, 20, 4));
    assertEquals("5/39/00", initiator.refused("1a 00 ff 00 ff 00"));
  }

  @Test
  void unmapsAndFills() {
    Arrays.fill(disk.content, (byte) 1);
    byte[] list = new byte[8 + 32];
    BigEndian.put(list, 0, 2, list.length - 2);
    BigEndian.put(list, 2, 2, 32);
    BigEndian.put(list, 8, 8, 4);
    BigEndian.put(list, 16, 4, 8);
    BigEndian.put(list, 24, 8, SECTORS - 1);
    BigEndian.put(list, 32, 4, 1);
    initiator.write("42 00 00 00 00 00 00 00 28 00", list);
    assertEquals(2, disk.discards.get());
    BigEndian.put(list, 32, 4, 2);
    assertEquals("5/21/00", initiator.refused("42 00 00 00 00 00 00 00 28 00", list));
    assertEquals(2, disk.discards.get());

    initiator.write("93 08 00 00 00 00 00 00 00 02 00 00 00 03 00 00", new byte[512]);
    assertEquals(1, disk.content[2 * 512 - 1]);
    assertEquals(0, disk.content[2 * 512]);
    assertEquals(0, disk.content[5 * 512 - 1]);
    assertEquals(1, disk.content[5 * 512]);
    initiator.write("41 00 00 00 00 0a 00 00 03 00", pattern(512));
    assertArrayEquals(pattern(512), Arrays.copyOfRange(disk.content, 12 * 512, 13 * 512));
    assertEquals(1, disk.content[13 * 512]);
    initiator.write("93 01 00 00 00 00 00 00 00 14 00 00 00 01 00 00");
    assertEquals(0, disk.content[20 * 512]);
  }

  @Test
  void verifiesAndCompares() {
    System.arraycopy(pattern(1024), 0, disk.content, 512, 1024);
    initiator.write("2f 02 00 00 00 01 00 00 02 00", pattern(1024));
    initiator.write("2f 00 00 00 00 01 00 00 02 00");
    byte[] other = pattern(1024);
    other[700]++;
    assertEquals("e/1d/00", initiator.refused("2f 02 00 00 00 01 00 00 02 00", other));
    assertEquals(700, BigEndian.get(initiator.command.sense(), 3, 4));
    assertEquals(0xf0, initiator.command.sense()[0] & 0xff);
  }

  @Test
  void readOnlyDiscsAreProtected() {
    ArrayDisk fixed = new ArrayDisk(4096);
    fixed.isReadOnly = true;
    Initiator other = new Initiator(new ScsiDisk("disk1", fixed, "S", errors)).awake();
    assertEquals("7/27/00", other.refused("2a 00 00 00 00 00 00 00 01 00", new byte[512]));
    assertEquals("7/27/00", other.refused("41 00 00 00 00 00 00 00 01 00", new byte[512]));
    assertEquals("7/27/00", other.refused("42 00 00 00 00 00 00 00 00 00"));
    assertEquals(0x90, other.read("1a 08 3f 00 ff 00")[2] & 0xff);
    assertEquals(0, other.read("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00")[14]);
  }

  @Test
  void tooLittleRoomIsAnOverrun() {
    assertTrue(initiator.send("28 00 00 00 00 00 00 00 02 00", 1023));
    assertTrue(initiator.command.isOverrun());
    assertEquals(0, initiator.command.transferredIn());
    assertTrue(initiator.send("2a 00 00 00 00 00 00 00 02 00", 0, new byte[1023]));
    assertTrue(initiator.command.isOverrun());
  }

  @Test
  void errorsAreReportedAndAFullDiskStopsTheMachine() {
    disk.failure = new IOException("scratched");
    assertEquals("b/00/06", initiator.refused("28 00 00 00 00 00 00 00 01 00"));
    assertEquals("b/00/06", initiator.refused("2a 00 00 00 00 00 00 00 01 00", new byte[512]));
    disk.failure = new DiskFullException("no room", new IOException("full"));
    assertFalse(initiator.send("2a 00 00 00 00 01 00 00 01 00", 0, pattern(512)));
    assertEquals("disk0", stopped.get());
    disk.failure = null;
    initiator.write("2a 00 00 00 00 01 00 00 01 00", pattern(512));
  }

  @Test
  void modesAndNewsSurviveASnapshot() {
    byte[] page = initiator.read(CACHING_PAGE);
    page[0] = 0;
    page[6] = 0;
    initiator.write("15 10 00 00 18 00", page);
    disk.resize(512 * 8);
    SectionBuffer snapshot = new SectionBuffer();
    unit.save(snapshot);
    ScsiDisk other = new ScsiDisk("disk0", disk, "SERIAL-1", errors);
    other.restore(snapshot.reader());
    Initiator after = new Initiator(other);
    assertEquals("6/2a/09", after.refused(TEST_UNIT_READY));
    int before = disk.flushes.get();
    after.write("2a 00 00 00 00 00 00 00 01 00", new byte[512]);
    assertEquals(before + 1, disk.flushes.get());
  }
}
