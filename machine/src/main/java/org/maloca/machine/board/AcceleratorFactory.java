package org.maloca.machine.board;

import org.maloca.core.cpu.Accelerator;
import org.maloca.core.time.VirtualClock;

/** Makes the accelerator of one machine, once the machine's size and clock are known. */
@FunctionalInterface
public interface AcceleratorFactory {
  /**
   * Makes it.
   *
   * @param cpus number of vCPUs that it will be asked for
   * @param ramPages pages of RAM and ROM, as the machine's {@code GuestMemory} counts them
   * @param clock the machine's time, from which the time stamp counter comes
   */
  Accelerator create(int cpus, int ramPages, VirtualClock clock);
}
