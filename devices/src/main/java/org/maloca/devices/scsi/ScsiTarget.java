package org.maloca.devices.scsi;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A target: logical units by their numbers, and answers for numbers that have none (SPC-4, section
 * 6.33; SAM-5, section 4.7). Any thread.
 */
public final class ScsiTarget {
  /** Numbers of units go up to one less. */
  public static final int UNITS = 256;

  private static final int LUN_BYTES = 8;
  private static final int WELL_KNOWN_UNITS = 1;
  private static final int ALL_UNITS = 2;

  private final AtomicReferenceArray<@Nullable LogicalUnit> units =
      new AtomicReferenceArray<>(UNITS);

  /** The unit of a number, or null. */
  public @Nullable LogicalUnit unit(int lun) {
    return lun >= 0 && lun < UNITS ? units.get(lun) : null;
  }

  /** Puts a unit at a number, or none; the others have their initiator told. */
  void set(int lun, @Nullable LogicalUnit unit) {
    units.set(lun, unit);
    for (int other = 0; other < UNITS; other++) {
      LogicalUnit told = units.get(other);
      if (told != null && other != lun) {
        told.tellLater(Sense.LUNS_CHANGED);
      }
    }
  }

  boolean isEmpty() {
    for (int lun = 0; lun < UNITS; lun++) {
      if (units.get(lun) != null) {
        return false;
      }
    }
    return true;
  }

  /**
   * Executes a command.
   *
   * @return false when it has to be kept and executed again after the machine was paused
   */
  public boolean execute(int lun, ScsiCommand command) {
    if (command.operationCode() == OperationCode.REPORT_LUNS) {
      command.begin();
      reportLuns(command);
      return true;
    }
    LogicalUnit unit = unit(lun);
    if (unit != null) {
      return unit.execute(command);
    }
    command.begin();
    answerWithout(command);
    return true;
  }

  private static void answerWithout(ScsiCommand command) {
    switch (command.operationCode()) {
      case OperationCode.INQUIRY -> Inquiry.answerWithout(Inquiry.NO_UNIT, command);
      case OperationCode.REQUEST_SENSE -> {
        byte[] data = new byte[Sense.MAX_BYTES];
        int length =
            Sense.UNIT_NOT_SUPPORTED.write(data, (command.octet(1) & 1) != 0, Sense.NO_INFORMATION);
        command.reply(data, length, command.octet(4));
      }
      default -> command.check(Sense.UNIT_NOT_SUPPORTED);
    }
  }

  private void reportLuns(ScsiCommand command) {
    int which = command.octet(2);
    if (which > ALL_UNITS) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[LUN_BYTES + UNITS * LUN_BYTES];
    int length = LUN_BYTES;
    // Number 0 is there even without a unit of its own.
    for (int lun = 0; which != WELL_KNOWN_UNITS && lun < UNITS; lun++) {
      if (lun == 0 || units.get(lun) != null) {
        data[length + 1] = (byte) lun;
        length += LUN_BYTES;
      }
    }
    BigEndian.put(data, 0, 4, length - LUN_BYTES);
    command.reply(data, length, command.field(6, 4));
  }
}
