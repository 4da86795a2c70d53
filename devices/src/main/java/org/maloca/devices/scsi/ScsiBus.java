package org.maloca.devices.scsi;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The targets behind a controller, by their numbers. Any thread; units come and go. */
public final class ScsiBus {
  /** Numbers of targets go up to one less. */
  public static final int TARGETS = 256;

  private final AtomicReferenceArray<@Nullable ScsiTarget> targets =
      new AtomicReferenceArray<>(TARGETS);

  /** Writes the eight bytes that a place is called by on the transport. */
  public interface AddressWriter {
    void put(byte[] target, int offset, int number, int lun);
  }

  /** A unit and its place. */
  public record Place(int target, int lun, LogicalUnit unit) {}

  /** The target of a number, or null. */
  public @Nullable ScsiTarget target(int number) {
    return targets.get(number);
  }

  /** The unit at a place, or null. */
  public @Nullable LogicalUnit unit(int number, int lun) {
    ScsiTarget target = targets.get(number);
    return target == null ? null : target.unit(lun);
  }

  /**
   * Puts a unit in.
   *
   * @throws IllegalArgumentException when there is no such place, or it is taken
   */
  public synchronized void attach(int number, int lun, LogicalUnit unit) {
    if (number < 0 || number >= TARGETS || lun < 0 || lun >= ScsiTarget.UNITS) {
      throw new IllegalArgumentException("no SCSI place %d:%d".formatted(number, lun));
    }
    if (unit(number, lun) != null) {
      throw new IllegalArgumentException("SCSI place %d:%d is taken".formatted(number, lun));
    }
    ScsiTarget target = targets.get(number);
    if (target == null) {
      target = new ScsiTarget();
    }
    target.set(lun, unit);
    targets.set(number, target);
  }

  /** Takes a unit out and answers it, or null; commands may still be on their way in it. */
  public synchronized @Nullable LogicalUnit detach(int number, int lun) {
    ScsiTarget target = targets.get(number);
    LogicalUnit unit = target == null ? null : target.unit(lun);
    if (target != null && unit != null) {
      target.set(lun, null);
      if (target.isEmpty()) {
        targets.set(number, null);
      }
    }
    return unit;
  }

  /** All units. */
  public List<Place> units() {
    List<Place> places = new ArrayList<>();
    for (int number = 0; number < TARGETS; number++) {
      for (int lun = 0; targets.get(number) != null && lun < ScsiTarget.UNITS; lun++) {
        LogicalUnit unit = unit(number, lun);
        if (unit != null) {
          places.add(new Place(number, lun, unit));
        }
      }
    }
    return places;
  }

  /**
   * Executes a command of the well-known unit that lists all others (SPC-4, section 8.2).
   *
   * @param addresses how the transport calls them
   */
  public void executeWellKnown(ScsiCommand command, AddressWriter addresses) {
    command.begin();
    switch (command.operationCode()) {
      case OperationCode.INQUIRY -> Inquiry.answerWithout(Inquiry.WELL_KNOWN_UNIT, command);
      case OperationCode.TEST_UNIT_READY -> {
        // Always ready.
      }
      case OperationCode.REPORT_LUNS -> {
        List<Place> places = units();
        byte[] data = new byte[8 + 8 * places.size()];
        BigEndian.put(data, 0, 4, data.length - 8);
        for (int i = 0; i < places.size(); i++) {
          Place place = places.get(i);
          addresses.put(data, 8 + 8 * i, place.target, place.lun);
        }
        command.reply(data, data.length, command.field(6, 4));
      }
      default -> command.check(Sense.INVALID_OPERATION_CODE);
    }
  }
}
