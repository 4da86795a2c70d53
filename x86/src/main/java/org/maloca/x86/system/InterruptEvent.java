package org.maloca.x86.system;

/**
 * An interrupt or exception on its way through the IDT.
 *
 * @param vector 0 to 255
 * @param errorCode to be pushed, or {@link #NO_ERROR_CODE}
 * @param returnRip RIP to be pushed
 * @param flags RFLAGS to be pushed
 * @param software raised by INT n, INT3 or INTO: gates' privilege counts
 */
record InterruptEvent(int vector, int errorCode, long returnRip, int flags, boolean software) {
  static final int NO_ERROR_CODE = -1;

  private static final int ERROR_IDT = 2;

  boolean hasErrorCode() {
    return errorCode != NO_ERROR_CODE;
  }

  /** Error code that tells of this vector's gate. */
  int gateErrorCode() {
    return vector << 3 | ERROR_IDT;
  }
}
