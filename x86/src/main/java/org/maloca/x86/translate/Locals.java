package org.maloca.x86.translate;

/** Slots of a region method's local variables. */
final class Locals {
  static final int REGION = 0;
  static final int CPU = 1;
  static final int ENTRY = 2;

  /** RIP of the page's first byte. */
  static final int BASE = 3;

  static final int REGISTERS = 5;
  static final int MMU = 6;

  /** Page offset of the instruction that may fault. */
  static final int PC = 7;

  static final int FLAG_KIND = 8;
  static final int FLAG_RESULT = 9;
  static final int FLAG_SOURCE = 11;

  /** Where to go on, when the region is left. */
  static final int RIP = 13;

  /** Instructions executed. */
  static final int COUNT = 15;

  private static final int GUEST = 17;

  /** Temporaries of one instruction. */
  static final int TEMP_A = 49;

  static final int TEMP_B = 51;
  static final int TEMP_ADDRESS = 53;
  static final int FAULT = 55;

  private Locals() {}

  /** The slot of a guest's general register. */
  static int guest(int register) {
    return GUEST + 2 * register;
  }
}
