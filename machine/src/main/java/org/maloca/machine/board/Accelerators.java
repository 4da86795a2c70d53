package org.maloca.machine.board;

import org.maloca.core.cpu.Accelerator;
import org.maloca.core.time.VirtualClock;
import org.maloca.machine.config.ConfigException;
import org.maloca.x86.SoftwareAccelerator;
import org.maloca.x86.lockstep.LockstepAccelerator;

/** The accelerators there are. */
public final class Accelerators {
  private Accelerators() {}

  /** CPUs of software, by the engine that suits most: {@link #translator}. */
  public static AcceleratorFactory software() {
    return translator();
  }

  /** CPUs of software, by the interpreter alone: for comparisons. */
  public static AcceleratorFactory interpreter() {
    return Accelerators::makeInterpreter;
  }

  /** CPUs of software; hot code is compiled to JVM bytecode. */
  public static AcceleratorFactory translator() {
    return (cpus, ramPages, clock) ->
        new SoftwareAccelerator(
            new SoftwareAccelerator.Options(cpus, ramPages, true, true), new MachineTsc(clock));
  }

  /**
   * CPUs of software, whose compiled code the interpreter checks: for machines of one CPU, which
   * take twice as much memory. It is a {@link LockstepAccelerator}.
   */
  public static AcceleratorFactory lockstep() {
    return Accelerators::makeLockstep;
  }

  private static Accelerator makeLockstep(int cpus, int ramPages, VirtualClock clock) {
    if (cpus != 1) {
      throw new ConfigException("cpus: engines can be compared on one CPU only");
    }
    return new LockstepAccelerator(ramPages, new MachineTsc(clock));
  }

  private static Accelerator makeInterpreter(int cpus, int ramPages, VirtualClock clock) {
    return new SoftwareAccelerator(
        new SoftwareAccelerator.Options(cpus, ramPages), new MachineTsc(clock));
  }
}
