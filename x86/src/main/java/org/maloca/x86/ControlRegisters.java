package org.maloca.x86;

/** Bits of CR0 and CR4 (AMD APM vol. 2, 3.1; Intel SDM vol. 3, 2.5). */
public final class ControlRegisters {
  public static final long CR0_PE = 1;
  public static final long CR0_MP = 1 << 1;
  public static final long CR0_EM = 1 << 2;
  public static final long CR0_TS = 1 << 3;
  public static final long CR0_ET = 1 << 4;
  public static final long CR0_NE = 1 << 5;
  public static final long CR0_WP = 1 << 16;
  public static final long CR0_AM = 1 << 18;
  public static final long CR0_NW = 1 << 29;
  public static final long CR0_CD = 1 << 30;
  public static final long CR0_PG = 1L << 31;

  public static final long CR4_VME = 1;
  public static final long CR4_PVI = 1 << 1;
  public static final long CR4_TSD = 1 << 2;
  public static final long CR4_DE = 1 << 3;
  public static final long CR4_PSE = 1 << 4;
  public static final long CR4_PAE = 1 << 5;
  public static final long CR4_MCE = 1 << 6;
  public static final long CR4_PGE = 1 << 7;
  public static final long CR4_PCE = 1 << 8;
  public static final long CR4_OSFXSR = 1 << 9;
  public static final long CR4_OSXMMEXCPT = 1 << 10;
  public static final long CR4_UMIP = 1 << 11;
  public static final long CR4_FSGSBASE = 1 << 16;
  public static final long CR4_PCIDE = 1 << 17;
  public static final long CR4_OSXSAVE = 1 << 18;
  public static final long CR4_SMEP = 1 << 20;
  public static final long CR4_SMAP = 1 << 21;

  /** The CR4 bits that this CPU knows; others are #GP. */
  public static final long CR4_KNOWN =
      CR4_VME
          | CR4_PVI
          | CR4_TSD
          | CR4_DE
          | CR4_PSE
          | CR4_PAE
          | CR4_MCE
          | CR4_PGE
          | CR4_PCE
          | CR4_OSFXSR
          | CR4_OSXMMEXCPT
          | CR4_UMIP
          | CR4_FSGSBASE
          | CR4_PCIDE
          | CR4_OSXSAVE
          | CR4_SMEP
          | CR4_SMAP;

  private ControlRegisters() {}
}
