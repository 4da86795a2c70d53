package org.maloca.x86.system;

import static org.maloca.x86.system.CpuidResult.bits;

import org.maloca.x86.Cpu;

/** Leaves 8000_00xx. */
final class ExtendedCpuid {
  private static final int LARGEST_LEAF = 0x8000_0021;
  private static final int PHYSICAL_ADDRESS_BITS = 48;
  private static final int LINEAR_ADDRESS_BITS = 48;

  /** LAHF64 AltMovCr8 LZCNT PREFETCHW TopologyExtensions. */
  private static final int FEATURES_ECX = bits(0, 4, 5, 8, 22);

  private static final int ECX_CMP_LEGACY = 1;

  /** Besides those of leaf 1: SYSCALL NX MMX-extensions 1-GiB-pages RDTSCP long-mode. */
  private static final int FEATURES_EDX = BasicCpuid.COMMON_EDX | bits(11, 20, 22, 26, 27, 29);

  /** Invariant TSC. */
  private static final int POWER_EDX = bits(8);

  /**
   * x87 error pointers always saved and restored, no speculative store bypass, no branch type
   * confusion.
   */
  private static final int CAPACITY_EBX = bits(2, 26, 29);

  /**
   * Nested data breakpoints off, LFENCE serializing, null selectors clear bases, automatic IBRS, no
   * speculative return stack overflow.
   */
  private static final int EXTENDED2_EAX = bits(0, 2, 6, 8, 29);

  /** No transient scheduler attacks. */
  private static final int EXTENDED2_ECX = bits(1, 2);

  /** 32 KiB, 8 ways, 1 line per tag, lines of 64 bytes: L1 data and code. */
  private static final int LEVEL1_CACHE = 32 << 24 | 8 << 16 | 1 << 8 | 64;

  private static final int LEVEL1_TLB = 0xff40_ff40;
  private static final int LEVEL2_TLB = 0x6400_6400;

  /** 1 MiB, 8 ways (encoded 6). */
  private static final int LEVEL2_CACHE = 1024 << 16 | 6 << 12 | 1 << 8 | 64;

  /** 16 MiB in units of 512 KiB, 16 ways (encoded 8). */
  private static final int LEVEL3_CACHE = 32 << 18 | 8 << 12 | 1 << 8 | 64;

  private ExtendedCpuid() {}

  static CpuidResult leaf(Cpu cpu, int leaf, int subleaf) {
    return switch (leaf) {
      case 0x8000_0000 ->
          new CpuidResult(
              LARGEST_LEAF,
              CpuidResult.text(BasicCpuid.VENDOR, 0),
              CpuidResult.text(BasicCpuid.VENDOR, 8),
              CpuidResult.text(BasicCpuid.VENDOR, 4));
      case 0x8000_0001 -> features(cpu);
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> brand(cpu, leaf & 7);
      case 0x8000_0005 -> new CpuidResult(LEVEL1_TLB, LEVEL1_TLB, LEVEL1_CACHE, LEVEL1_CACHE);
      case 0x8000_0006 -> new CpuidResult(LEVEL2_TLB, LEVEL2_TLB, LEVEL2_CACHE, LEVEL3_CACHE);
      case 0x8000_0007 -> new CpuidResult(0, 0, 0, POWER_EDX);
      case 0x8000_0008 -> capacity(cpu);
      case 0x8000_001d -> cache(cpu, subleaf);
      // Extended APIC id; core id; node id.
      case 0x8000_001e -> new CpuidResult(cpu.index, cpu.index & 0xff, 0, 0);
      case 0x8000_0021 -> new CpuidResult(EXTENDED2_EAX, 0, EXTENDED2_ECX, 0);
      default -> CpuidResult.ZERO;
    };
  }

  private static CpuidResult features(Cpu cpu) {
    int ecx = Topology.cores(cpu) > 1 ? FEATURES_ECX | 1 << ECX_CMP_LEGACY : FEATURES_ECX;
    return new CpuidResult(BasicCpuid.SIGNATURE, 0, ecx, FEATURES_EDX);
  }

  /** A third of the brand string, {@code leaf} being 2 to 4. */
  private static CpuidResult brand(Cpu cpu, int leaf) {
    String brand = cpu.features.brand();
    int from = (leaf - 2) * 16;
    return new CpuidResult(
        CpuidResult.text(brand, from),
        CpuidResult.text(brand, from + 4),
        CpuidResult.text(brand, from + 8),
        CpuidResult.text(brand, from + 12));
  }

  private static CpuidResult capacity(Cpu cpu) {
    int eax = LINEAR_ADDRESS_BITS << 8 | PHYSICAL_ADDRESS_BITS;
    int ecx = Topology.coreBits(cpu) << 12 | Math.min(Topology.cores(cpu) - 1, 0xff);
    return new CpuidResult(eax, CAPACITY_EBX, ecx, 0);
  }

  /** Caches by number: L1 data, L1 code, L2 of each core; L3 of the package. */
  private static CpuidResult cache(Cpu cpu, int subleaf) {
    return switch (subleaf) {
      case 0 -> cache(1, 1, 1, 8, 64);
      case 1 -> cache(2, 1, 1, 8, 64);
      case 2 -> cache(3, 2, 1, 8, 2048);
      case 3 -> cache(3, 3, Topology.cores(cpu), 16, 16384);
      default -> CpuidResult.ZERO;
    };
  }

  private static CpuidResult cache(int type, int level, int sharers, int ways, int sets) {
    int selfInitializing = 1 << 8;
    int eax = type | level << 5 | selfInitializing | (sharers - 1) << 14;
    int lineBytes = 64;
    return new CpuidResult(eax, (ways - 1) << 22 | lineBytes - 1, sets - 1, 0);
  }
}
