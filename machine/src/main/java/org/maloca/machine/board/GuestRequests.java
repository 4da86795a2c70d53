package org.maloca.machine.board;

import java.io.IOException;

/**
 * What a guest asks of the machine as a whole. Called on vCPU threads without locks held; only
 * notes the request.
 */
public interface GuestRequests {
  /** By the reset register, the keyboard controller, port 0x92. */
  void reset();

  /** By ACPI S5. */
  void powerOff();

  /** By the debug-exit device, with the code for the host. */
  void debugExit(int code);

  /**
   * A device cannot go on until somebody has seen to the host; called on the device's thread.
   *
   * @param deviceId of the device
   */
  void hostFailed(String deviceId, IOException cause);
}
