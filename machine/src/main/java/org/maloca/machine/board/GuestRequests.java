package org.maloca.machine.board;

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
}
