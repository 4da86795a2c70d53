package org.maloca.x86.system;

import org.maloca.x86.Cpu;

/**
 * Leaves 4000_00xx, by which a guest learns that it is one, and 4000_01xx, by which one that knows
 * KVM finds what the bus offers of its interface (Linux, Documentation/virt/kvm/x86/cpuid.rst).
 */
final class HypervisorCpuid {
  private static final int SIGNATURE_LEAF = 0x4000_0000;

  /** The customary leaf for the TSC's rate in kHz. */
  private static final int TIMING_LEAF = 0x4000_0010;

  private static final String SIGNATURE = "MalocaMaloca";

  private static final int KVM_SIGNATURE_LEAF = 0x4000_0100;
  private static final int KVM_FEATURES_LEAF = 0x4000_0101;
  private static final String KVM_SIGNATURE = "KVMKVMKVM";

  private HypervisorCpuid() {}

  static CpuidResult leaf(Cpu cpu, int leaf) {
    return switch (leaf) {
      case SIGNATURE_LEAF -> signature(TIMING_LEAF, SIGNATURE);
      case TIMING_LEAF ->
          new CpuidResult((int) (cpu.timeStampCounter.frequencyHz() / 1000), 0, 0, 0);
      default -> cpu.bus.kvmFeatures() == 0 ? CpuidResult.ZERO : kvmLeaf(cpu, leaf);
    };
  }

  private static CpuidResult kvmLeaf(Cpu cpu, int leaf) {
    return switch (leaf) {
      case KVM_SIGNATURE_LEAF -> signature(KVM_FEATURES_LEAF, KVM_SIGNATURE);
      case KVM_FEATURES_LEAF -> new CpuidResult(cpu.bus.kvmFeatures(), 0, 0, 0);
      default -> CpuidResult.ZERO;
    };
  }

  private static CpuidResult signature(int lastLeaf, String text) {
    return new CpuidResult(
        lastLeaf, CpuidResult.text(text, 0), CpuidResult.text(text, 4), CpuidResult.text(text, 8));
  }
}
