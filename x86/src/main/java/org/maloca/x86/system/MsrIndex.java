package org.maloca.x86.system;

/** Numbers of the MSRs that the core has (AMD APM vol. 2, appendix A; Intel SDM vol. 4). */
final class MsrIndex {
  static final int TSC = 0x10;
  static final int TSC_ADJUST = 0x3b;
  static final int PATCH_LEVEL = 0x8b;
  static final int MTRR_CAP = 0xfe;
  static final int SYSENTER_CS = 0x174;
  static final int SYSENTER_ESP = 0x175;
  static final int SYSENTER_EIP = 0x176;
  static final int MCG_CAP = 0x179;
  static final int MCG_STATUS = 0x17a;
  static final int MISC_ENABLE = 0x1a0;
  static final int DEBUG_CONTROL = 0x1d9;
  static final int LAST_BRANCH_FROM = 0x1db;
  static final int LAST_BRANCH_TO = 0x1dc;
  static final int LAST_EXCEPTION_FROM = 0x1dd;
  static final int LAST_EXCEPTION_TO = 0x1de;
  static final int MTRR_PHYSICAL_BASE_0 = 0x200;
  static final int MTRR_PHYSICAL_MASK_7 = 0x20f;
  static final int MTRR_FIX_64K = 0x250;
  static final int MTRR_FIX_16K_0 = 0x258;
  static final int MTRR_FIX_16K_1 = 0x259;
  static final int MTRR_FIX_4K_0 = 0x268;
  static final int MTRR_FIX_4K_7 = 0x26f;
  static final int PAT = 0x277;
  static final int MTRR_DEFAULT_TYPE = 0x2ff;

  /** The local APIC's. */
  static final int TSC_DEADLINE = 0x6e0;

  static final int EFER = 0xc000_0080;
  static final int STAR = 0xc000_0081;
  static final int LSTAR = 0xc000_0082;
  static final int CSTAR = 0xc000_0083;
  static final int SFMASK = 0xc000_0084;
  static final int FS_BASE = 0xc000_0100;
  static final int GS_BASE = 0xc000_0101;
  static final int KERNEL_GS_BASE = 0xc000_0102;
  static final int TSC_AUX = 0xc000_0103;

  static final int SYSCFG = 0xc001_0010;
  static final int HWCR = 0xc001_0015;
  static final int IORR_FIRST = 0xc001_0016;
  static final int IORR_LAST = 0xc001_0019;
  static final int TOP_MEM = 0xc001_001a;
  static final int TOP_MEM2 = 0xc001_001d;
  static final int NB_CFG = 0xc001_001f;
  static final int PATCH_LOADER = 0xc001_0020;
  static final int INT_PENDING = 0xc001_0055;
  static final int LS_CFG = 0xc001_1020;
  static final int IC_CFG = 0xc001_1021;
  static final int DC_CFG = 0xc001_1022;
  static final int BU_CFG = 0xc001_1023;
  static final int DE_CFG = 0xc001_1029;

  private MsrIndex() {}
}
