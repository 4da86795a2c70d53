package org.maloca.x86.translate;

import java.util.StringJoiner;

/**
 * Sets of guest registers as bits of a long: general registers in bits 0 to 15, the low halves of
 * XMM registers in bits 16 to 31, their high halves in bits 32 to 47.
 */
final class GuestRegisters {
  static final int COUNT = 48;
  static final long NONE = 0;
  static final long ALL_GENERAL = 0xffffL;
  static final long ALL_XMM = 0xffff_ffff_0000L;
  static final long ALL = ALL_GENERAL | ALL_XMM;

  private static final String[] GENERAL_NAMES = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"
  };
  private static final int XMM_LOW = 16;
  private static final int XMM_HIGH = 32;

  private GuestRegisters() {}

  static long general(int register) {
    return 1L << register;
  }

  static long xmmLow(int register) {
    return 1L << XMM_LOW + register;
  }

  static long xmmHigh(int register) {
    return 1L << XMM_HIGH + register;
  }

  static long xmm(int register) {
    return xmmLow(register) | xmmHigh(register);
  }

  static boolean isGeneral(int bit) {
    return bit < XMM_LOW;
  }

  /** The names of a set's registers, for people. */
  static String describe(long set) {
    StringJoiner names = new StringJoiner(" ").setEmptyValue("none");
    for (int bit = 0; bit < COUNT; bit++) {
      if ((set >>> bit & 1) != 0) {
        names.add(name(bit));
      }
    }
    return names.toString();
  }

  private static String name(int bit) {
    if (bit < GENERAL_NAMES.length) {
      return GENERAL_NAMES[bit];
    }
    if (bit < XMM_LOW) {
      return "r" + bit;
    }
    return bit < XMM_HIGH ? "xmm" + (bit - XMM_LOW) : "xmm" + (bit - XMM_HIGH) + "h";
  }

  /** Index in {@link org.maloca.x86.Cpu#xmm} of the half that a bit stands for. */
  static int xmmSlot(int bit) {
    return bit < XMM_HIGH ? 2 * (bit - XMM_LOW) : 2 * (bit - XMM_HIGH) + 1;
  }
}
