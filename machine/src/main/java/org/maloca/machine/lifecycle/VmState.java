package org.maloca.machine.lifecycle;

/** Where a machine is in its life. */
public enum VmState {
  /** Made, kernel loaded, never ran. */
  CREATED,
  RUNNING,
  /** Time stands still. */
  PAUSED,
  /** Ended in an orderly way; final. */
  STOPPED,
  /** Ended because Maloca itself failed; final. */
  CRASHED;

  public boolean isFinal() {
    return this == STOPPED || this == CRASHED;
  }
}
