package org.maloca.core.cpu;

/** Why {@link Vcpu#run} returned. */
public enum VcpuExit {
  /** {@link Vcpu#kick} was called. */
  KICKED,
  /** Triple fault or another shutdown cycle: a PC resets. */
  SHUTDOWN,
  /** A breakpoint or single step that a debugger outside the guest asked for. */
  DEBUG,
  /** The engine met a broken invariant of its own; the state dump is in the log. */
  CRASHED
}
