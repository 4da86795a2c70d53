package org.maloca.devices.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Sends commands to a logical unit as a host adapter would. */
final class Initiator {
  private final MemorySegment out = Arena.ofAuto().allocate(1 << 16);
  private final MemorySegment in = Arena.ofAuto().allocate(1 << 20);
  private final LogicalUnit unit;
  final ScsiCommand command = new ScsiCommand();

  Initiator(LogicalUnit unit) {
    this.unit = unit;
  }

  /** A descriptor block of hexadecimal digits, with spaces. */
  static byte[] cdb(String hex) {
    return java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** Executes a command; answers whether it came to its end. */
  boolean send(String cdbHex, int room, byte... data) {
    prepare(cdbHex, room, data);
    return unit.execute(command);
  }

  private void prepare(String cdbHex, int room, byte... data) {
    byte[] cdb = cdb(cdbHex);
    MemorySegment.copy(data, 0, out, ValueLayout.JAVA_BYTE, 0, data.length);
    command.begin(cdb, 0, cdb.length);
    command.dataOut().clear();
    command.dataOut().add(out.address(), data.length);
    command.dataIn().clear();
    command.dataIn().add(in.address(), room);
  }

  /** Executes a command that writes if that waits for nobody; answers whether it did. */
  boolean writesAtOnce(String cdb, byte... data) {
    prepare(cdb, 0, data);
    return unit.executeAtOnce(command);
  }

  /** Executes a command that reads, and must not have to wait. */
  byte[] readsAtOnce(String cdb, int room) {
    prepare(cdb, room);
    assertTrue(unit.executeAtOnce(command));
    return Arrays.copyOf(in.toArray(ValueLayout.JAVA_BYTE), (int) command.transferredIn());
  }

  /** Executes a command that reads, and must go well; answers what it read. */
  byte[] read(String cdb) {
    assertTrue(send(cdb, 1 << 20));
    assertEquals(ScsiCommand.GOOD, command.status(), this::sense);
    return Arrays.copyOf(in.toArray(ValueLayout.JAVA_BYTE), (int) command.transferredIn());
  }

  /** Executes a command that must go well. */
  void write(String cdb, byte... data) {
    assertTrue(send(cdb, 0, data));
    assertEquals(ScsiCommand.GOOD, command.status(), this::sense);
    assertEquals(data.length, command.transferredOut());
  }

  /** Executes a command that must fail; answers sense key, code and qualifier as in 5/24/00. */
  String refused(String cdb, byte... data) {
    assertTrue(send(cdb, 1 << 20, data));
    assertEquals(ScsiCommand.CHECK_CONDITION, command.status());
    return sense();
  }

  /** The sense data that came last. */
  String sense() {
    byte[] sense = command.sense();
    boolean isFixed = sense[0] == 0x70 || (sense[0] & 0xff) == 0xf0;
    return "%x/%02x/%02x"
        .formatted(sense[isFixed ? 2 : 1] & 0xf, sense[isFixed ? 12 : 2], sense[isFixed ? 13 : 3]);
  }

  /** Hears what the unit has to tell of being switched on. */
  Initiator awake() {
    assertEquals("6/29/00", refused("00 00 00 00 00 00"));
    return this;
  }
}
