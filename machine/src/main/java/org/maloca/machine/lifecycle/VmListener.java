package org.maloca.machine.lifecycle;

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
}
