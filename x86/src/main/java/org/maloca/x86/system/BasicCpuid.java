package org.maloca.x86.system;

import static org.maloca.x86.system.CpuidResult.bits;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;

/** Leaves 0000_00xx. What they say is what works. */
public final class BasicCpuid {
  static final String VENDOR = "AuthenticAMD";

  /**
   * Leaf 1 EAX, and EDX after a reset.
   *
   * <p>Family 1Ah, model 1, stepping 1: a family without the speculation bugs that make kernels
   * choose costly mitigations, none of which concern a CPU that does not speculate.
   */
  public static final int SIGNATURE = 0x00b0_0f11;

  private static final int LARGEST_LEAF = 0xd;
  private static final int CACHE_LINE_QUADWORDS = 8;

  /**
   * SSE3 PCLMULQDQ SSSE3 CX16 PCID SSE4.1 SSE4.2 x2APIC MOVBE POPCNT TSC-deadline AES XSAVE RDRAND
   * hypervisor.
   */
  private static final int FEATURES_ECX =
      bits(0, 1, 9, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 30, 31);

  private static final int ECX_OSXSAVE = 27;

  /** Those of leaf 1 EDX that leaf 8000_0001 repeats. */
  static final int COMMON_EDX = bits(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 23, 24);

  /** Besides: SEP CLFLUSH SSE SSE2. */
  private static final int FEATURES_EDX = COMMON_EDX | bits(11, 19, 25, 26);

  private static final int EDX_HTT = 28;

  /** FSGSBASE TSC_ADJUST BMI1 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP CLFLUSHOPT CLWB SHA. */
  private static final int STRUCTURED_EBX = bits(0, 1, 3, 7, 8, 9, 10, 18, 19, 20, 23, 24, 29);

  /** UMIP RDPID. */
  private static final int STRUCTURED_ECX = bits(2, 22);

  /** Fast short REP MOVSB, SERIALIZE: a kernel that patches itself uses IRET without the latter. */
  private static final int STRUCTURED_EDX = bits(4, 14);

  private static final int XSAVE_AREA_BYTES = 576;
  private static final int XCR0_SUPPORTED = 3;

  private BasicCpuid() {}

  static CpuidResult leaf(Cpu cpu, int leaf, int subleaf) {
    return switch (leaf) {
      case 0 ->
          new CpuidResult(
              LARGEST_LEAF,
              CpuidResult.text(VENDOR, 0),
              CpuidResult.text(VENDOR, 8),
              CpuidResult.text(VENDOR, 4));
      case 1 -> features(cpu);
      // The APIC timer runs in every sleep state.
      case 6 -> new CpuidResult(bits(2), 0, 0, 0);
      case 7 ->
          subleaf == 0
              ? new CpuidResult(0, STRUCTURED_EBX, STRUCTURED_ECX, STRUCTURED_EDX)
              : CpuidResult.ZERO;
      case 0xb -> topology(cpu, subleaf);
      case 0xd -> extendedState(subleaf);
      default -> CpuidResult.ZERO;
    };
  }

  private static CpuidResult features(Cpu cpu) {
    int cores = Topology.cores(cpu);
    int ebx = cpu.index << 24 | Math.min(cores, 255) << 16 | CACHE_LINE_QUADWORDS << 8;
    boolean saves = (cpu.cr4 & ControlRegisters.CR4_OSXSAVE) != 0;
    int ecx = saves ? FEATURES_ECX | 1 << ECX_OSXSAVE : FEATURES_ECX;
    int edx = cores > 1 ? FEATURES_EDX | 1 << EDX_HTT : FEATURES_EDX;
    return new CpuidResult(SIGNATURE, ebx, ecx, edx);
  }

  /** Level 0 are the threads of a core, level 1 the cores of the package. */
  private static CpuidResult topology(Cpu cpu, int subleaf) {
    return switch (subleaf) {
      case 0 -> new CpuidResult(0, 1, 1 << 8, cpu.index);
      case 1 -> new CpuidResult(Topology.coreBits(cpu), Topology.cores(cpu), 2 << 8 | 1, cpu.index);
      default -> new CpuidResult(0, 0, subleaf & 0xff, cpu.index);
    };
  }

  private static CpuidResult extendedState(int subleaf) {
    return switch (subleaf) {
      case 0 -> new CpuidResult(XCR0_SUPPORTED, XSAVE_AREA_BYTES, XSAVE_AREA_BYTES, 0);
      // XSAVEOPT.
      case 1 -> new CpuidResult(bits(0), 0, 0, 0);
      default -> CpuidResult.ZERO;
    };
  }
}
