package org.maloca.cpu;

import org.maloca.x86.SoftwareAccelerator;

/** The ways in which the software CPU can execute; guests must not see a difference. */
enum GuestEngine {
  /** Every instruction by its reference behaviour. */
  REFERENCE(false, false),
  /** The interpreter with its ops for hot instructions. */
  INTERPRETER(true, false),
  /** Hot code compiled to bytecode. */
  TRANSLATOR(true, true);

  private final boolean specialises;
  private final boolean translates;

  GuestEngine(boolean specialises, boolean translates) {
    this.specialises = specialises;
    this.translates = translates;
  }

  SoftwareAccelerator.Options options(int vcpus, int ramPages) {
    return new SoftwareAccelerator.Options(vcpus, ramPages, specialises, translates);
  }
}
