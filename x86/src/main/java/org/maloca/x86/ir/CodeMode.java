package org.maloca.x86.ir;

/**
 * What beside the bytes decides how code decodes and which shortcuts its execution may take, packed
 * into an int. A cached block is valid for one mode only.
 */
public final class CodeMode {
  /** Two bits: 0 is 16-bit, 1 is 32-bit, 2 is 64-bit code. */
  public static final int WIDTH_MASK = 3;

  public static final int WIDTH_16 = 0;
  public static final int WIDTH_32 = 1;
  public static final int WIDTH_64 = 2;

  /** Stack addresses have 32 bits (SS.B; always set in 64-bit code, where they have 64). */
  public static final int STACK_32 = 1 << 2;

  /**
   * CS, SS, DS and ES are present, writable or readable, of base 0 and 4 GiB long, so that their
   * offsets are linear addresses. Always set in 64-bit code.
   */
  public static final int FLAT = 1 << 3;

  /** Real or virtual-8086 mode: protected-mode instructions are invalid, selectors are plain. */
  public static final int REAL_ADDRESSING = 1 << 4;

  /** CPL is 3. */
  public static final int USER = 1 << 5;

  /** SSE instructions may run: CR0.EM = 0, CR0.TS = 0, CR4.OSFXSR = 1. */
  public static final int SSE_USABLE = 1 << 6;

  private CodeMode() {}

  public static boolean is64(int mode) {
    return (mode & WIDTH_MASK) == WIDTH_64;
  }

  /** A mode for people, such as {@code 64-bit user}. */
  public static String describe(int mode) {
    String width =
        switch (mode & WIDTH_MASK) {
          case WIDTH_16 -> "16-bit";
          case WIDTH_32 -> "32-bit";
          default -> "64-bit";
        };
    String level =
        (mode & REAL_ADDRESSING) != 0 ? " real" : (mode & USER) != 0 ? " user" : " supervisor";
    return width + level + ((mode & FLAT) != 0 ? "" : " segmented");
  }

  /** Default operand size in bytes before prefixes: 2 or 4. */
  public static int defaultOperandSize(int mode) {
    return (mode & WIDTH_MASK) == WIDTH_16 ? 2 : 4;
  }

  /** Default address size in bytes before prefixes. */
  public static int defaultAddressSize(int mode) {
    return 2 << (mode & WIDTH_MASK);
  }
}
