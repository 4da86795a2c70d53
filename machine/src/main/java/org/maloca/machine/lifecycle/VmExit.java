package org.maloca.machine.lifecycle;

/**
 * How a machine ended.
 *
 * @param reason which way
 * @param code the code of {@link Reason#DEBUG_EXIT}, otherwise 0
 * @param detail one line for people; may be empty
 */
public record VmExit(Reason reason, int code, String detail) {
  /** Ways to end. */
  public enum Reason {
    /** The guest powered off. */
    SHUTDOWN,
    /** The guest asked for a reset, and the machine is one that does not restart. */
    RESET,
    /** A CPU shut down, and the machine does not restart or has done so too often. */
    TRIPLE_FAULT,
    /** The guest wrote to the debug-exit device. */
    DEBUG_EXIT,
    /** Someone on the host ended it. */
    USER,
    /** Maloca failed. */
    CRASH
  }

  static VmExit of(Reason reason) {
    return new VmExit(reason, 0, "");
  }
}
