package org.maloca.x86.system;

import org.maloca.x86.Cpu;

/** Leaves 4000_00xx, by which a guest learns that it is one. */
final class HypervisorCpuid {
  private static final int SIGNATURE_LEAF = 0x4000_0000;

  /** The customary leaf for the TSC's rate in kHz. */
  private static final int TIMING_LEAF = 0x4000_0010;

  private static final String SIGNATURE = "MalocaMaloca";

  private HypervisorCpuid() {}

  static CpuidResult leaf(Cpu cpu, int leaf) {
    return switch (leaf) {
      case SIGNATURE_LEAF ->
          new CpuidResult(
              TIMING_LEAF,
              CpuidResult.text(SIGNATURE, 0),
              CpuidResult.text(SIGNATURE, 4),
              CpuidResult.text(SIGNATURE, 8));
      case TIMING_LEAF ->
          new CpuidResult((int) (cpu.timeStampCounter.frequencyHz() / 1000), 0, 0, 0);
      default -> CpuidResult.ZERO;
    };
  }
}
