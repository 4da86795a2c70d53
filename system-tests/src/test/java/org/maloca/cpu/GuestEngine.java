package org.maloca.cpu;

import org.maloca.core.cpu.Accelerator;
import org.maloca.x86.SoftwareAccelerator;
import org.maloca.x86.TimeStampCounter;
import org.maloca.x86.lockstep.LockstepAccelerator;

/** The ways in which the software CPU can execute; guests must not see a difference. */
enum GuestEngine {
  /** Every instruction by its reference behaviour. */
  REFERENCE(false, false, false),
  /** The interpreter with its ops for hot instructions. */
  INTERPRETER(true, false, false),
  /** Hot code compiled to bytecode. */
  TRANSLATOR(true, true, false),
  /** The translator, checked by the interpreter after each step. */
  LOCKSTEP(true, true, true);

  private final boolean specialises;
  private final boolean translates;
  private final boolean compares;

  GuestEngine(boolean specialises, boolean translates, boolean compares) {
    this.specialises = specialises;
    this.translates = translates;
    this.compares = compares;
  }

  /** Whether it can execute machines of so many CPUs. */
  boolean takes(int vcpus) {
    return !compares || vcpus == 1;
  }

  Accelerator accelerator(int vcpus, int ramPages, TimeStampCounter time) {
    return compares
        ? new LockstepAccelerator(ramPages, time)
        : new SoftwareAccelerator(
            new SoftwareAccelerator.Options(vcpus, ramPages, specialises, translates), time);
  }
}
