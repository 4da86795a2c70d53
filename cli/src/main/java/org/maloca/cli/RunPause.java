package org.maloca.cli;

import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmState;

/**
 * Why a machine stands still: somebody has asked for that, or the host failed it. What somebody has
 * paused is not let go on because the host is well again. For any thread but the machine's own.
 */
final class RunPause {
  private final Vm vm;
  private boolean isHeld;

  RunPause(Vm vm) {
    this.vm = vm;
  }

  /**
   * Stops the machine until {@link #release}.
   *
   * @return false if somebody had done so already
   */
  synchronized boolean hold() {
    boolean isNew = !isHeld;
    isHeld = true;
    vm.pause();
    return isNew;
  }

  /**
   * Lets the machine go on.
   *
   * @return false if it was not paused
   */
  synchronized boolean release() {
    boolean wasPaused = vm.state() == VmState.PAUSED;
    isHeld = false;
    vm.resume();
    return wasPaused;
  }

  /**
   * Lets a machine that the host failed try again, unless somebody wants it to stand still.
   *
   * @return whether it tries
   */
  synchronized boolean retry() {
    if (!isHeld) {
      vm.resume();
    }
    return !isHeld;
  }

  /** For people: what the machine does. */
  synchronized String state() {
    if (vm.state() != VmState.PAUSED) {
      return "running";
    }
    return isHeld ? "paused" : "paused, as the host failed it";
  }
}
