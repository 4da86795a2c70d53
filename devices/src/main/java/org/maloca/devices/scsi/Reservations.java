package org.maloca.devices.scsi;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * Reservations of a unit that has one initiator (SPC-4, sections 5.13, 6.16 and 6.17; SPC-2 for
 * RESERVE and RELEASE). Nobody is there to be kept out, so that what is left of them is the
 * bookkeeping that cluster software and tests of discs look at. They end with the power.
 *
 * <p>Safe for any thread.
 */
final class Reservations {
  private static final int READ_KEYS = 0;
  private static final int READ_RESERVATION = 1;
  private static final int REPORT_CAPABILITIES = 2;

  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int RELEASE = 2;
  private static final int CLEAR = 3;
  private static final int PREEMPT = 4;
  private static final int PREEMPT_AND_ABORT = 5;
  private static final int REGISTER_AND_IGNORE_EXISTING_KEY = 6;

  private static final int PARAMETER_BYTES = 24;
  private static final int SPEC_I_PT = 0x08;
  private static final int ALL_TG_PT = 0x04;
  private static final int APTPL = 0x01;

  /** Bit <em>n</em> for each type <em>n</em> that there is, of a unit as a whole. */
  private static final int TYPES = 1 << 1 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8;

  private static final int FIRST_TYPE_OF_ALL_REGISTRANTS = 7;
  private static final int TYPE_MASK_VALID = 0x80;

  /** The bits of the types in the capabilities' two bytes. */
  private static final int TYPE_MASK = 0xea01;

  /** What RESERVE and RELEASE have of third parties and extents. */
  private static final int THIRD_PARTY_OR_EXTENT = 0x13;

  private int generation;

  /** The initiator's key; 0 while it has none registered. */
  private long key;

  /** The reservation's type, or 0. */
  private int type;

  private boolean isReservedOldWay;

  /** Power came on. */
  synchronized void clear() {
    generation = 0;
    key = 0;
    type = 0;
    isReservedOldWay = false;
  }

  /** The unit was reset, which persistent reservations survive. */
  synchronized void reset() {
    isReservedOldWay = false;
  }

  /** RESERVE and RELEASE, of 6 and of 10 bytes. */
  synchronized void executeOldWay(ScsiCommand command, boolean isReserve) {
    if ((command.octet(1) & THIRD_PARTY_OR_EXTENT) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
    } else if (key != 0) {
      command.conflict();
    } else {
      isReservedOldWay = isReserve;
    }
  }

  /** PERSISTENT RESERVE IN. */
  synchronized void read(ScsiCommand command) {
    byte[] data = new byte[PARAMETER_BYTES];
    BigEndian.put(data, 0, 4, generation);
    int length = 8;
    switch (command.octet(1) & 0x1f) {
      case READ_KEYS -> {
        if (key != 0) {
          BigEndian.put(data, length, 8, key);
          length += 8;
        }
        BigEndian.put(data, 4, 4, length - 8);
      }
      case READ_RESERVATION -> {
        if (type != 0) {
          BigEndian.put(data, length, 8, isOfAllRegistrants() ? 0 : key);
          data[21] = (byte) type;
          length += 16;
        }
        BigEndian.put(data, 4, 4, length - 8);
      }
      case REPORT_CAPABILITIES -> {
        BigEndian.put(data, 0, 4, (long) length << 16 | TYPE_MASK_VALID);
        BigEndian.put(data, 4, 2, TYPE_MASK);
      }
      default -> {
        command.check(Sense.INVALID_FIELD_IN_CDB);
        return;
      }
    }
    command.reply(data, length, command.field(7, 2));
  }

  private boolean isOfAllRegistrants() {
    return type >= FIRST_TYPE_OF_ALL_REGISTRANTS;
  }

  /** PERSISTENT RESERVE OUT. */
  synchronized void change(ScsiCommand command) {
    int action = command.octet(1) & 0x1f;
    if (action > REGISTER_AND_IGNORE_EXISTING_KEY) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
    } else if (command.field(5, 4) != PARAMETER_BYTES) {
      command.check(Sense.PARAMETER_LIST_LENGTH);
    } else if (command.takesOut(PARAMETER_BYTES)) {
      byte[] parameters = new byte[PARAMETER_BYTES];
      command.dataOut().copyTo(0, parameters, 0, PARAMETER_BYTES);
      long given = BigEndian.get(parameters, 0, 8);
      boolean mustMatch = action != REGISTER_AND_IGNORE_EXISTING_KEY;
      boolean needsKey = mustMatch && action != REGISTER;
      if (isReservedOldWay || mustMatch && given != key || needsKey && key == 0) {
        command.conflict();
      } else {
        change(command, action, BigEndian.get(parameters, 8, 8), parameters[20]);
      }
    }
  }

  private void change(ScsiCommand command, int action, long actionKey, int flags) {
    int scopeAndType = command.octet(2);
    switch (action) {
      case REGISTER, REGISTER_AND_IGNORE_EXISTING_KEY -> {
        if ((flags & (SPEC_I_PT | ALL_TG_PT | APTPL)) != 0) {
          command.check(Sense.INVALID_FIELD_IN_PARAMETERS);
        } else if (key != 0 || actionKey != 0) {
          register(actionKey);
        }
      }
      case RESERVE -> {
        if (!isType(scopeAndType)) {
          command.check(Sense.INVALID_FIELD_IN_CDB);
        } else if (type != 0 && type != scopeAndType) {
          command.conflict();
        } else {
          type = scopeAndType;
        }
      }
      case RELEASE -> {
        if (type != 0 && type != scopeAndType) {
          command.check(Sense.INVALID_RELEASE);
        } else {
          type = 0;
        }
      }
      case CLEAR -> register(0);
      case PREEMPT, PREEMPT_AND_ABORT -> preempt(command, actionKey, scopeAndType);
      default -> throw new IllegalStateException("action " + action);
    }
  }

  private void register(long newKey) {
    key = newKey;
    generation++;
    if (newKey == 0) {
      type = 0;
    }
  }

  /** The initiator can take a reservation from itself only, to make it another. */
  private void preempt(ScsiCommand command, long victim, int scopeAndType) {
    boolean isOfAll = victim == 0 && isOfAllRegistrants();
    if (victim == 0 && !isOfAll) {
      command.check(Sense.INVALID_FIELD_IN_PARAMETERS);
    } else if (!isOfAll && victim != key) {
      command.conflict();
    } else if (type == 0) {
      generation++;
    } else if (isType(scopeAndType)) {
      type = scopeAndType;
      generation++;
    } else {
      command.check(Sense.INVALID_FIELD_IN_CDB);
    }
  }

  /** Whether this is a type, of the one scope that there is: the whole unit. */
  private static boolean isType(int scopeAndType) {
    return scopeAndType <= 8 && (TYPES >> scopeAndType & 1) != 0;
  }

  synchronized void save(SnapshotWriter.Section section) {
    section.put(generation);
    section.put(key);
    section.put(type);
    section.put(isReservedOldWay);
  }

  synchronized void restore(SnapshotReader.Section section) {
    generation = section.getInt();
    key = section.getLong();
    int saved = section.getInt();
    type = saved > 0 && isType(saved) && key != 0 ? saved : 0;
    isReservedOldWay = section.getBoolean();
  }
}
