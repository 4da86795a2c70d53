package org.maloca.x86.system;

import org.maloca.x86.Cpu;

/** How vCPUs appear to the guest: cores of one package, one thread each, APIC id = index. */
final class Topology {
  private Topology() {}

  static int cores(Cpu cpu) {
    return Math.max(1, cpu.features.vcpus());
  }

  /** Bits of the APIC id that number the cores. */
  static int coreBits(Cpu cpu) {
    return 32 - Integer.numberOfLeadingZeros(cores(cpu) - 1);
  }
}
