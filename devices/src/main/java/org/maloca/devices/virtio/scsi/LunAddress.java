package org.maloca.devices.virtio.scsi;

import org.maloca.devices.scsi.ScsiTarget;

/** The eight bytes by which a driver names a logical unit (virtio 1.2, section 5.6.6.1). */
final class LunAddress {
  static final int BYTES = 8;

  private static final int SINGLE_LEVEL = 1;
  private static final int WELL_KNOWN = 0xc1;
  private static final int REPORT_LUNS_UNIT = 1;
  private static final int FLAT = 0x40;
  private static final int METHOD = 0xc0;

  /** What {@link #lun} answers for an address that names nothing. */
  static final int NOWHERE = -1;

  private LunAddress() {}

  /** Whether it is the unit that lists all targets. */
  static boolean isReportLuns(byte[] bytes, int offset) {
    return (bytes[offset] & 0xff) == WELL_KNOWN
        && bytes[offset + 1] == REPORT_LUNS_UNIT
        && isZero(bytes, offset + 2, offset + BYTES);
  }

  /** Whether it names a unit of a target. */
  static boolean isOfTarget(byte[] bytes, int offset) {
    return bytes[offset] == SINGLE_LEVEL && isZero(bytes, offset + 4, offset + BYTES);
  }

  private static boolean isZero(byte[] bytes, int start, int end) {
    int any = 0;
    for (int i = start; i < end; i++) {
      any |= bytes[i];
    }
    return any == 0;
  }

  static int target(byte[] bytes, int offset) {
    return bytes[offset + 1] & 0xff;
  }

  /** Number of the unit, which need not be there, or {@link #NOWHERE}. */
  static int lun(byte[] bytes, int offset) {
    int high = bytes[offset + 2] & 0xff;
    int number = (high & ~METHOD) << 8 | bytes[offset + 3] & 0xff;
    boolean isKnownMethod = (high & METHOD) == 0 ? high == 0 : (high & METHOD) == FLAT;
    return isKnownMethod && number < ScsiTarget.UNITS ? number : NOWHERE;
  }

  /**
   * Writes the address of a unit as REPORT LUNS has it: Linux looks for just these numbers in
   * events.
   */
  static void put(byte[] bytes, int offset, int target, int lun) {
    java.util.Arrays.fill(bytes, offset, offset + BYTES, (byte) 0);
    bytes[offset] = SINGLE_LEVEL;
    bytes[offset + 1] = (byte) target;
    bytes[offset + 3] = (byte) lun;
  }
}
