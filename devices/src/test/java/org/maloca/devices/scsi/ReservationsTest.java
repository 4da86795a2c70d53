package org.maloca.devices.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;

class ReservationsTest {
  private static final String READ_KEYS = "5e 00 00 00 00 00 00 00 ff 00";
  private static final String READ_RESERVATION = "5e 01 00 00 00 00 00 00 ff 00";
  private static final String REPORT_CAPABILITIES = "5e 02 00 00 00 00 00 00 ff 00";
  private static final String RESERVE_6 = "16 00 00 00 00 00";
  private static final String RELEASE_6 = "17 00 00 00 00 00";
  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int RELEASE = 2;
  private static final int CLEAR = 3;
  private static final int PREEMPT = 4;
  private static final int REGISTER_AND_IGNORE = 6;
  private static final int WRITE_EXCLUSIVE = 1;
  private static final int EXCLUSIVE_ACCESS = 3;
  private static final int EXCLUSIVE_ACCESS_ALL = 8;
  private static final int GOOD = 0;
  private static final int CHECK_CONDITION = 2;
  private static final int RESERVATION_CONFLICT = 0x18;

  private final ScsiDisk unit = disk();
  private final Initiator initiator = new Initiator(unit).awake();

  private static ScsiDisk disk() {
    DiskErrors errors =
        new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, failure) -> {});
    return new ScsiDisk("disk0", new ArrayDisk(512), "S", errors);
  }

  /** PERSISTENT RESERVE OUT; answers the status. */
  private int out(int action, int type, long key, long actionKey, int flags) {
    byte[] parameters =
        ByteBuffer.allocate(24).putLong(key).putLong(actionKey).putInt(0).put((byte) flags).array();
    assertTrue(
        initiator.send("5f %02x %02x 00 00 00 00 00 18 00".formatted(action, type), 0, parameters));
    return initiator.command.status();
  }

  private int out(int action, int type, long key, long actionKey) {
    return out(action, type, key, actionKey, 0);
  }

  private int status(String cdb) {
    assertTrue(initiator.send(cdb, 0));
    return initiator.command.status();
  }

  private String read(String cdb) {
    return HexFormat.of().formatHex(initiator.read(cdb));
  }

  @Test
  void keysComeAndGo() {
    assertEquals("0000000000000000", read(READ_KEYS));
    assertEquals(RESERVATION_CONFLICT, out(REGISTER, 0, 7, 1));
    assertEquals(GOOD, out(REGISTER, 0, 0, 0x11));
    assertEquals("00000001" + "00000008" + "0000000000000011", read(READ_KEYS));
    assertEquals(GOOD, out(REGISTER, 0, 0x11, 0x12));
    assertEquals(GOOD, out(REGISTER_AND_IGNORE, 0, 0, 0x13));
    assertEquals("00000003" + "00000008" + "0000000000000013", read(READ_KEYS));
    assertEquals(GOOD, out(REGISTER, 0, 0x13, 0));
    assertEquals("0000000400000000", read(READ_KEYS));
  }

  @Test
  void aReservationIsOfItsTypeUntilItIsReleased() {
    assertEquals(RESERVATION_CONFLICT, out(RESERVE, WRITE_EXCLUSIVE, 0, 0));
    out(REGISTER, 0, 0, 0x11);
    assertEquals("0000000100000000", read(READ_RESERVATION));
    assertEquals(GOOD, out(RESERVE, WRITE_EXCLUSIVE, 0x11, 0));
    assertEquals(
        "00000001" + "00000010" + "0000000000000011" + "00000000" + "00010000",
        read(READ_RESERVATION));
    assertEquals(GOOD, out(RESERVE, WRITE_EXCLUSIVE, 0x11, 0));
    assertEquals(RESERVATION_CONFLICT, out(RESERVE, EXCLUSIVE_ACCESS, 0x11, 0));
    assertEquals(CHECK_CONDITION, out(RELEASE, EXCLUSIVE_ACCESS, 0x11, 0));
    assertEquals("5/26/04", initiator.sense());
    assertEquals(GOOD, out(RELEASE, WRITE_EXCLUSIVE, 0x11, 0));
    assertEquals("0000000100000000", read(READ_RESERVATION));
  }

  @Test
  void aReservationOfAllRegistrantsHasNoKey() {
    out(REGISTER, 0, 0, 0x11);
    assertEquals(GOOD, out(RESERVE, EXCLUSIVE_ACCESS_ALL, 0x11, 0));
    assertEquals(
        "00000001" + "00000010" + "0000000000000000" + "00000000" + "00080000",
        read(READ_RESERVATION));
    assertEquals(GOOD, out(PREEMPT, WRITE_EXCLUSIVE, 0x11, 0));
    assertEquals(
        "00000002" + "00000010" + "0000000000000011" + "00000000" + "00010000",
        read(READ_RESERVATION));
  }

  @Test
  void clearingAndUnregisteringEndTheReservation() {
    out(REGISTER, 0, 0, 0x11);
    out(RESERVE, WRITE_EXCLUSIVE, 0x11, 0);
    assertEquals(GOOD, out(CLEAR, 0, 0x11, 0));
    assertEquals("0000000200000000", read(READ_RESERVATION));
    out(REGISTER, 0, 0, 0x12);
    out(RESERVE, WRITE_EXCLUSIVE, 0x12, 0);
    out(REGISTER, 0, 0x12, 0);
    assertEquals("0000000400000000", read(READ_RESERVATION));
    assertEquals("0000000400000000", read(READ_KEYS));
  }

  @Test
  void nobodyElseCanBePreempted() {
    out(REGISTER, 0, 0, 0x11);
    assertEquals(RESERVATION_CONFLICT, out(PREEMPT, WRITE_EXCLUSIVE, 0x11, 0x99));
    assertEquals(CHECK_CONDITION, out(PREEMPT, WRITE_EXCLUSIVE, 0x11, 0));
    assertEquals("5/26/00", initiator.sense());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4, 9, 0x11, 0xff})
  void typesAndScopesThatThereAreNotAreRefused(int type) {
    out(REGISTER, 0, 0, 0x11);
    assertEquals(CHECK_CONDITION, out(RESERVE, type, 0x11, 0));
    assertEquals("5/24/00", initiator.sense());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8})
  void whatOutlastsPowerOrNamesOthersIsRefused(int flags) {
    assertEquals(CHECK_CONDITION, out(REGISTER, 0, 0, 0x11, flags));
    assertEquals("5/26/00", initiator.sense());
  }

  @Test
  void capabilitiesSayWhatThereIs() {
    assertEquals("00080080" + "ea010000", read(REPORT_CAPABILITIES));
  }

  @Test
  void malformedRequestsAreRefused() {
    assertEquals("5/24/00", initiator.refused("5e 03 00 00 00 00 00 00 ff 00"));
    assertEquals("5/24/00", initiator.refused("5f 07 00 00 00 00 00 00 18 00", new byte[24]));
    assertEquals("5/1a/00", initiator.refused("5f 00 00 00 00 00 00 00 17 00", new byte[24]));
    assertEquals("5/24/00", initiator.refused("16 10 00 00 00 00"));
    assertEquals("5/24/00", initiator.refused("57 02 00 00 00 00 00 00 00 00"));
  }

  @Test
  void theTwoKindsOfReservationExcludeEachOther() {
    assertEquals(GOOD, status(RESERVE_6));
    assertEquals(RESERVATION_CONFLICT, out(REGISTER, 0, 0, 0x11));
    assertEquals(GOOD, status(RELEASE_6));
    assertEquals(GOOD, out(REGISTER, 0, 0, 0x11));
    assertEquals(RESERVATION_CONFLICT, status(RESERVE_6));
    assertEquals(RESERVATION_CONFLICT, status("57 00 00 00 00 00 00 00 00 00"));
  }

  @Test
  void persistentOnesSurviveAResetAndEndWithThePower() {
    out(REGISTER, 0, 0, 0x11);
    out(RESERVE, WRITE_EXCLUSIVE, 0x11, 0);
    unit.reset(Sense.UNIT_RESET);
    assertEquals("6/29/03", initiator.refused("00 00 00 00 00 00"));
    assertEquals("00000001" + "00000008" + "0000000000000011", read(READ_KEYS));
    unit.powerOn();
    initiator.awake();
    assertEquals("0000000000000000", read(READ_KEYS));
    assertEquals("0000000000000000", read(READ_RESERVATION));
  }

  @Test
  void aSnapshotHasThem() {
    out(REGISTER, 0, 0, 0x11);
    out(RESERVE, EXCLUSIVE_ACCESS, 0x11, 0);
    String before = read(READ_RESERVATION);
    SectionBuffer saved = new SectionBuffer();
    unit.save(saved);
    unit.powerOn();
    unit.restore(saved.reader());
    assertEquals(before, read(READ_RESERVATION));
  }

  @Test
  void aSnapshotFromBeforeThereWereAnyHasNone() {
    out(REGISTER, 0, 0, 0x11);
    SectionBuffer saved = new SectionBuffer();
    unit.save(saved);
    unit.restore((name, newest) -> new FirstVersion(saved.reader().section(name, newest)));
    assertEquals("0000000000000000", read(READ_KEYS));
  }

  /** A section that says that it is an old one. */
  private record FirstVersion(SnapshotReader.Section section) implements SnapshotReader.Section {
    @Override
    public int version() {
      return 1;
    }

    @Override
    public boolean getBoolean() {
      return section.getBoolean();
    }

    @Override
    public int getInt() {
      return section.getInt();
    }

    @Override
    public long getLong() {
      return section.getLong();
    }

    @Override
    public byte[] getBytes(int limit) {
      return section.getBytes(limit);
    }

    @Override
    public long[] getLongs(int limit) {
      return section.getLongs(limit);
    }
  }
}
