package org.maloca.devices.scsi;

import java.util.Arrays;

/**
 * Why a command did not go well, or what has happened (SPC-4, section 4.5).
 *
 * @param key sense key, 0 to 15
 * @param code additional sense code
 * @param qualifier its qualifier
 */
public record Sense(int key, int code, int qualifier) {
  /** Room that is enough for both formats. */
  static final int MAX_BYTES = 20;

  private static final int NOT_READY = 2;
  private static final int ILLEGAL_REQUEST = 5;
  private static final int UNIT_ATTENTION = 6;
  private static final int DATA_PROTECT = 7;
  private static final int ABORTED_COMMAND = 11;
  private static final int MISCOMPARE_KEY = 14;

  static final Sense NONE = new Sense(0, 0, 0);
  static final Sense NO_MEDIUM_TRAY_CLOSED = new Sense(NOT_READY, 0x3a, 1);
  static final Sense NO_MEDIUM_TRAY_OPEN = new Sense(NOT_READY, 0x3a, 2);
  static final Sense PARAMETER_LIST_LENGTH = new Sense(ILLEGAL_REQUEST, 0x1a, 0);
  static final Sense INVALID_OPERATION_CODE = new Sense(ILLEGAL_REQUEST, 0x20, 0);
  static final Sense ADDRESS_OUT_OF_RANGE = new Sense(ILLEGAL_REQUEST, 0x21, 0);
  static final Sense INVALID_FIELD_IN_CDB = new Sense(ILLEGAL_REQUEST, 0x24, 0);
  static final Sense UNIT_NOT_SUPPORTED = new Sense(ILLEGAL_REQUEST, 0x25, 0);
  static final Sense INVALID_FIELD_IN_PARAMETERS = new Sense(ILLEGAL_REQUEST, 0x26, 0);
  static final Sense INVALID_RELEASE = new Sense(ILLEGAL_REQUEST, 0x26, 4);
  static final Sense SAVING_NOT_SUPPORTED = new Sense(ILLEGAL_REQUEST, 0x39, 0);
  static final Sense REMOVAL_PREVENTED = new Sense(ILLEGAL_REQUEST, 0x53, 2);
  static final Sense WRITE_PROTECTED = new Sense(DATA_PROTECT, 0x27, 0);
  static final Sense NO_SPACE_LEFT = new Sense(DATA_PROTECT, 0x27, 7);

  /**
   * The host failed, for whatever reason. Errors of the medium would be told of otherwise, which
   * Linux makes something other than an I/O error.
   */
  static final Sense HOST_FAILURE = new Sense(ABORTED_COMMAND, 0x00, 6);

  static final Sense MISCOMPARE = new Sense(MISCOMPARE_KEY, 0x1d, 0);

  static final Sense POWER_ON = new Sense(UNIT_ATTENTION, 0x29, 0);
  public static final Sense UNIT_RESET = new Sense(UNIT_ATTENTION, 0x29, 3);
  public static final Sense NEXUS_LOST = new Sense(UNIT_ATTENTION, 0x29, 7);
  static final Sense MEDIUM_CHANGED = new Sense(UNIT_ATTENTION, 0x28, 0);
  static final Sense CAPACITY_CHANGED = new Sense(UNIT_ATTENTION, 0x2a, 9);
  static final Sense LUNS_CHANGED = new Sense(UNIT_ATTENTION, 0x3f, 0x0e);

  private static final int CURRENT_FIXED = 0x70;
  private static final int CURRENT_DESCRIPTOR = 0x72;
  private static final int FIXED_BYTES = 18;
  private static final int DESCRIPTOR_HEADER_BYTES = 8;
  private static final int INFORMATION_BYTES = 12;
  private static final int VALID = 0x80;

  /** No block address goes with the sense. */
  static final long NO_INFORMATION = -1;

  /** Whether it tells of a reset of some kind, which makes older news of the unit void. */
  boolean isReset() {
    return key == UNIT_ATTENTION && code == 0x29;
  }

  /**
   * Writes sense data of {@code 18} bytes (fixed format), 8 or 20 (descriptor format).
   *
   * @param information the block that it is about, or {@link #NO_INFORMATION}
   * @return number of bytes
   */
  int write(byte[] target, boolean hasDescriptors, long information) {
    Arrays.fill(target, 0, MAX_BYTES, (byte) 0);
    boolean hasInformation = information != NO_INFORMATION;
    if (hasDescriptors) {
      target[0] = CURRENT_DESCRIPTOR;
      target[1] = (byte) key;
      target[2] = (byte) code;
      target[3] = (byte) qualifier;
      if (!hasInformation) {
        return DESCRIPTOR_HEADER_BYTES;
      }
      target[7] = INFORMATION_BYTES;
      target[9] = INFORMATION_BYTES - 2;
      target[10] = (byte) VALID;
      BigEndian.put(target, 12, 8, information);
      return DESCRIPTOR_HEADER_BYTES + INFORMATION_BYTES;
    }
    target[0] = CURRENT_FIXED;
    if (hasInformation && information >>> 32 == 0) {
      target[0] |= (byte) VALID;
      BigEndian.put(target, 3, 4, information);
    }
    target[2] = (byte) key;
    target[7] = FIXED_BYTES - 8;
    target[12] = (byte) code;
    target[13] = (byte) qualifier;
    return FIXED_BYTES;
  }
}
