package org.maloca.x86;

/** Bits of the extended-feature-enable register, MSR C000_0080 (AMD APM vol. 2, 3.1.7). */
public final class Efer {
  public static final long SCE = 1;
  public static final long LME = 1 << 8;
  public static final long LMA = 1 << 10;
  public static final long NXE = 1 << 11;

  /** Fast FXSAVE: XMM registers are skipped in 64-bit code at CPL 0. Not offered in CPUID. */
  public static final long FFXSR = 1 << 14;

  /** Automatic IBRS: nothing to do for a CPU that does not speculate. */
  public static final long AIBRSE = 1 << 21;

  /** What WRMSR may set. */
  public static final long WRITABLE = SCE | LME | NXE | AIBRSE;

  private Efer() {}
}
