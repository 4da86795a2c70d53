package org.maloca.machine.lifecycle;

import java.io.IOException;

/**
 * Hears of changes, on the machine's state thread: must be short and must not wait for the machine.
 */
public interface VmListener {
  /** The machine is in that state now. */
  default void stateChanged(VmState state) {}

  /**
   * The guest was reset and is about to start again.
   *
   * @param byTripleFault whether a CPU shut down, rather than the guest having asked
   */
  default void guestReset(boolean byTripleFault) {}

  /**
   * The machine was paused because the host failed at something a device asked of it, like writing
   * to a full disk; nothing is lost, and a resume tries again.
   *
   * @param deviceId of the device
   */
  default void hostFailed(String deviceId, IOException cause) {}
}
