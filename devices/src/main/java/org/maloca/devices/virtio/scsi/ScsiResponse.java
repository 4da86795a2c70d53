package org.maloca.devices.virtio.scsi;

/** How the device answers requests (virtio 1.2, sections 5.6.6.1 and 5.6.6.2). */
final class ScsiResponse {
  static final byte OK = 0;
  static final byte OVERRUN = 1;
  static final byte ABORTED = 2;
  static final byte BAD_TARGET = 3;
  static final byte RESET = 4;
  static final byte FAILURE = 9;

  /** Of task management: it was done. */
  static final byte FUNCTION_COMPLETE = 0;

  /** Of task management: there is the task that was asked for. */
  static final byte FUNCTION_SUCCEEDED = 10;

  static final byte FUNCTION_REJECTED = 11;
  static final byte INCORRECT_LUN = 12;

  private ScsiResponse() {}
}
