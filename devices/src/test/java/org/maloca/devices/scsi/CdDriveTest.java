package org.maloca.devices.scsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.disk.Turnstile;

class CdDriveTest {
  private static final String TEST_UNIT_READY = "00 00 00 00 00 00";
  private static final String READ_BLOCK_1 = "28 00 00 00 00 01 00 00 01 00";
  private static final String EJECT = "1b 00 00 00 02 00";
  private static final String LOAD = "1b 00 00 00 03 00";
  private static final String PREVENT = "1e 00 00 00 01 00";
  private static final String ALLOW = "1e 00 00 00 00 00";
  private static final String MEDIA_EVENT = "4a 01 00 00 10 00 00 00 08 00";
  private static final int BLOCKS = 20;

  private final ArrayDisk disc = new ArrayDisk(BLOCKS * 2048);
  private final DiskErrors errors =
      new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, failure) -> {});
  private final CdDrive drive = new CdDrive("cd0", disc, "CD-1", errors);
  private final Initiator initiator = new Initiator(drive).awake();

  @Test
  void readsBlocks() {
    Arrays.fill(disc.content, 3 * 2048, 5 * 2048, (byte) 7);
    byte[] expected = new byte[4096];
    Arrays.fill(expected, (byte) 7);
    assertArrayEquals(expected, initiator.read("28 00 00 00 00 03 00 00 02 00"));
    assertArrayEquals(expected, initiator.read("a8 00 00 00 00 03 00 00 00 02 00 00"));
    assertArrayEquals(expected, initiator.read("be 00 00 00 00 03 00 00 02 10 00 00"));
    assertEquals(0, initiator.read("be 00 00 00 00 03 00 00 02 00 00 00").length);
    assertEquals("5/24/00", initiator.refused("be 00 00 00 00 03 00 00 02 f8 00 00"));
    assertEquals("5/21/00", initiator.refused("28 00 00 00 00 14 00 00 01 00"));
    assertEquals("5/21/00", initiator.refused("28 00 ff ff ff ff 00 00 01 00"));
    assertEquals("5/20/00", initiator.refused("2a 00 00 00 00 00 00 00 01 00"));
    byte[] capacity = initiator.read("25 00 00 00 00 00 00 00 00 00");
    assertEquals(BLOCKS - 1, BigEndian.get(capacity, 0, 4));
    assertEquals(2048, BigEndian.get(capacity, 4, 4));
  }

  @Test
  void tellsWhatItIs() {
    byte[] inquiry = initiator.read("12 00 00 00 60 00");
    assertEquals(5, inquiry[0]);
    assertEquals(0x80, inquiry[1] & 0xff, "removable");
    byte[] capabilities = initiator.read("5a 00 2a 00 00 00 00 00 ff 00");
    assertEquals(0x2a, capabilities[8]);
    assertEquals(0x29, capabilities[8 + 6], "a tray that can be locked");
    byte[] configuration = initiator.read("46 00 00 00 00 00 00 00 ff 00");
    assertEquals(configuration.length - 4, BigEndian.get(configuration, 0, 4));
    assertEquals(8, BigEndian.get(configuration, 6, 2), "a CD is in it");
    assertEquals(16, initiator.read("46 02 00 03 00 00 00 00 ff 00").length);
    assertEquals(8, initiator.read("46 02 00 99 00 00 00 00 ff 00").length);
  }

  @Test
  void discHasOneTrack() {
    byte[] toc = initiator.read("43 00 00 00 00 00 00 00 ff 00");
    assertArrayEquals(
        new byte[] {
          0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, (byte) 0xaa, 0, 0, 0, 0, BLOCKS
        },
        toc);
    byte[] times = initiator.read("43 02 00 00 00 00 aa 00 ff 00");
    assertEquals(12, times.length);
    assertEquals(0 << 16 | 2 << 8 | BLOCKS, BigEndian.get(times, 8, 4));
    assertEquals(12, initiator.read("43 00 00 00 00 00 00 00 0c 40").length);
    assertEquals(48, initiator.read("43 00 02 00 00 00 00 00 ff 00").length);
    assertEquals("5/24/00", initiator.refused("43 00 00 00 00 00 02 00 ff 00"));
    assertEquals("5/24/00", initiator.refused("43 00 05 00 00 00 00 00 ff 00"));
    byte[] information = initiator.read("51 00 00 00 00 00 00 00 ff 00");
    assertEquals(34, information.length);
    assertEquals(0x0e, information[2]);
    byte[] track = initiator.read("52 01 00 00 00 01 00 00 ff 00");
    assertEquals(BLOCKS, BigEndian.get(track, 24, 4));
  }

  @Test
  void guestMovesTheTray() {
    initiator.read(EJECT);
    assertTrue(drive.isTrayOpen());
    assertEquals("2/3a/02", initiator.refused(TEST_UNIT_READY));
    assertEquals("2/3a/02", initiator.refused("28 00 00 00 00 00 00 00 01 00"));
    assertArrayEquals(
        new byte[] {0, 6, 4, 0x10, 3, 1, 0, 0}, initiator.read(MEDIA_EVENT), "removal, open");
    assertEquals(0x10, initiator.read("bd 00 00 00 00 00 00 00 00 08 00 00")[1]);
    initiator.read(LOAD);
    assertEquals("6/28/00", initiator.refused(TEST_UNIT_READY));
    initiator.read(TEST_UNIT_READY);
    assertArrayEquals(new byte[] {0, 6, 4, 0x10, 2, 2, 0, 0}, initiator.read(MEDIA_EVENT));
    assertArrayEquals(new byte[] {0, 6, 4, 0x10, 0, 2, 0, 0}, initiator.read(MEDIA_EVENT));
  }

  @Test
  void lockedTrayAsksTheGuest() throws IOException {
    initiator.read(PREVENT);
    assertEquals("5/53/02", initiator.refused(EJECT));
    assertFalse(drive.eject(false));
    assertArrayEquals(new byte[] {0, 6, 4, 0x10, 1, 2, 0, 0}, initiator.read(MEDIA_EVENT));
    initiator.read(ALLOW);
    assertTrue(drive.eject(false));
    assertTrue(disc.isClosed);
    assertEquals("2/3a/02", initiator.refused(TEST_UNIT_READY));
    initiator.read(LOAD);
    assertEquals("2/3a/01", initiator.refused(TEST_UNIT_READY), "it is not in it any more");
  }

  @Test
  void otherDiscIsNews() throws IOException {
    initiator.read(PREVENT);
    assertTrue(drive.eject(true));
    ArrayDisk next = new ArrayDisk(4 * 2048);
    drive.insert(next);
    assertEquals("6/28/00", initiator.refused(TEST_UNIT_READY));
    assertEquals(3, BigEndian.get(initiator.read("25 00 00 00 00 00 00 00 00 00"), 0, 4));
    drive.close();
    assertTrue(next.isClosed);
  }

  @Test
  void aReadThatWaitsForALimitKeepsNobodyFromTheTray() throws IOException {
    Turnstile closed = Turnstile.ofAll();
    AtomicInteger told = new AtomicInteger();
    drive.onLimitChange(told::incrementAndGet);
    disc.limit(closed);
    assertEquals(1, told.get());
    assertTrue(initiator.send(READ_BLOCK_1, 2048));
    assertTrue(initiator.command.isLimited());

    assertTrue(drive.eject(true));

    assertEquals(2, told.get());
    assertEquals("2/3a/02", initiator.refused(READ_BLOCK_1));
    assertFalse(initiator.command.isLimited());
    ArrayDisk next = new ArrayDisk(4 * 2048);
    drive.insert(next);
    assertEquals("6/28/00", initiator.refused(TEST_UNIT_READY));
    assertEquals(2048, initiator.read(READ_BLOCK_1).length);
    int before = told.get();
    next.limit(closed);
    assertEquals(before + 1, told.get());
    assertTrue(initiator.send(READ_BLOCK_1, 2048));
    assertTrue(initiator.command.isLimited());
  }

  @Test
  void asynchronousEventsAreNotToBeHad() {
    assertEquals("5/24/00", initiator.refused("4a 00 00 00 10 00 00 00 08 00"));
    assertArrayEquals(
        new byte[] {0, 2, (byte) 0x80, 0x10}, initiator.read("4a 01 00 00 40 00 00 00 08 00"));
  }
}
