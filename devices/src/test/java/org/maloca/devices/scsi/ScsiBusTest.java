package org.maloca.devices.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.maloca.devices.disk.ArrayDisk;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;

class ScsiBusTest {
  private final ScsiBus bus = new ScsiBus();

  private static ScsiDisk disk(String id) {
    return new ScsiDisk(
        id,
        new ArrayDisk(4096),
        id,
        new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (name, failure) -> {}));
  }

  @Test
  void placesAreTakenOnce() {
    bus.attach(3, 1, disk("a"));
    assertThrows(IllegalArgumentException.class, () -> bus.attach(3, 1, disk("b")));
    assertThrows(IllegalArgumentException.class, () -> bus.attach(256, 0, disk("b")));
    assertThrows(IllegalArgumentException.class, () -> bus.attach(0, -1, disk("b")));
    assertEquals(1, bus.units().size());
    assertEquals("a", bus.detach(3, 1).id());
    assertNull(bus.target(3));
    assertNull(bus.detach(3, 1));
  }

  @Test
  void newUnitIsNewsToTheOthersOfItsTarget() {
    ScsiDisk first = disk("a");
    bus.attach(0, 0, first);
    Initiator initiator = new Initiator(first).awake();
    bus.attach(1, 0, disk("b"));
    initiator.read("00 00 00 00 00 00");
    bus.attach(0, 5, disk("c"));
    assertEquals("6/3f/0e", initiator.refused("00 00 00 00 00 00"));
  }

  private ScsiCommand send(int lun, String cdb) {
    byte[] bytes = Initiator.cdb(cdb);
    ScsiCommand command = new ScsiCommand();
    command.begin(bytes, 0, bytes.length);
    command.dataIn().add(room.address(), room.byteSize());
    bus.target(0).execute(lun, command);
    return command;
  }

  private final java.lang.foreign.MemorySegment room =
      java.lang.foreign.Arena.ofAuto().allocate(4096);

  private byte[] received(ScsiCommand command) {
    return room.asSlice(0, command.transferredIn())
        .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  @Test
  void unitsThatAreNotThereSaySo() {
    bus.attach(0, 5, disk("a"));
    assertEquals(0x7f, received(send(2, "12 00 00 00 60 00"))[0]);
    ScsiCommand ready = send(2, "00 00 00 00 00 00");
    assertEquals(ScsiCommand.CHECK_CONDITION, ready.status());
    assertEquals(0x25, ready.sense()[12]);
    assertEquals(0x25, received(send(2, "03 00 00 00 ff 00"))[12]);
  }

  @Test
  void listsUnits() {
    bus.attach(0, 5, disk("a"));
    byte[] list = received(send(0, "a0 00 00 00 00 00 00 00 10 00 00 00"));
    assertEquals(24, list.length);
    assertEquals(16, BigEndian.get(list, 0, 4));
    assertEquals(5, list[17]);
    assertEquals(8, received(send(0, "a0 00 01 00 00 00 00 00 10 00 00 00")).length);
  }
}
