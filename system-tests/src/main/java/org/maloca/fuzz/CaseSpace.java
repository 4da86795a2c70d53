package org.maloca.fuzz;

/**
 * The linear addresses every case sees. Whatever is not listed is unmapped; all listed pages are
 * user pages.
 *
 * <p>Selectors are those of 64-bit Linux: CS 33h, SS 2Bh, DS, ES, FS and GS null; CR0.AM, CR0.NE
 * and CR4.FSGSBASE are set, IOPL is 0 and no I/O port is allowed.
 */
public final class CaseSpace {
  /** The code page: one page, readable and executable, filled with 0xCC. */
  public static final long CODE_GVA = 0x2000_0000L;

  /** The data window: two pages, readable and writable, not executable; unmapped around it. */
  public static final long WINDOW_GVA = 0x3000_0000L;

  /** One page, readable only. */
  public static final long READ_ONLY_GVA = 0x3000_3000L;

  public static final int PAGE_BYTES = 4096;
  public static final int WINDOW_BYTES = 2 * PAGE_BYTES;

  public static final int CS = 0x33;
  public static final int SS = 0x2b;

  private CaseSpace() {}
}
