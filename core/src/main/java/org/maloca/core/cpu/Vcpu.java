package org.maloca.core.cpu;

/**
 * A virtual CPU, whichever engine is behind it. It runs on one platform thread of its own; {@link
 * #kick} and {@link #pins} may be used by any thread, the rest only while it does not run.
 */
public interface Vcpu extends AutoCloseable {
  /** Index in the machine, 0 is the boot CPU. */
  int index();

  /**
   * Runs guest code until something that concerns the machine's life: I/O, interrupts and idling
   * are dealt with inside (an idle vCPU parks its thread).
   */
  VcpuExit run();

  /** Makes {@link #run} return {@link VcpuExit#KICKED} soon; sticky when it is not running. */
  void kick();

  VcpuPins pins();

  /** Copies the architectural state out. */
  void save(CpuState state);

  /** Replaces the architectural state. */
  void restore(CpuState state);

  /** Puts the CPU into its power-on state: the boot CPU at the reset vector, others await SIPI. */
  void reset();

  /** Guest instructions executed so far; may lag a little when read while the vCPU runs. */
  long instructionsExecuted();

  @Override
  void close();
}
