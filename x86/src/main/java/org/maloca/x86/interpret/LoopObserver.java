package org.maloca.x86.interpret;

import org.maloca.x86.translate.Region;

/**
 * Follows what a vCPU's loop does, on its thread and between instructions, for checks. What it
 * throws ends the vCPU.
 */
public interface LoopObserver {
  /** A region is about to be run. */
  void entering(Region region);

  /** A block, or regions, were run as far as they went. */
  void ran();

  /** An exception is about to be delivered. */
  void raising(int vector, int errorCode);

  /** An external interrupt or an NMI is about to be delivered. */
  void interrupting(int vector, boolean nonMaskable);

  /** INIT came: the CPU's state is about to be replaced by {@code action}. */
  void initialising(Runnable action);
}
