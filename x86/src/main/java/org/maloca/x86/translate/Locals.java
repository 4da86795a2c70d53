package org.maloca.x86.translate;

/**
 * Slots of a region method's local variables. They are names: those that a method uses lie close
 * together in it.
 */
final class Locals {
  static final int REGION = 0;
  static final int CPU = 1;
  static final int ENTRY = 2;

  /** The region to run next, once this one is left. */
  static final int NEXT = ENTRY;

  /** RIP of the region's base; all offsets of its code count from there. */
  static final int BASE = 3;

  static final int MMU = 6;

  /** Offset of the instruction that may fault. */
  static final int PC = 7;

  static final int FLAG_KIND = 8;
  static final int FLAG_RESULT = 9;
  static final int FLAG_SOURCE = 11;

  /** Where to go on, when the region is left. */
  static final int RIP = 13;

  /** Instructions executed. */
  static final int COUNT = 15;

  private static final int GUEST = 17;

  /** Temporaries of one instruction, two slots each. */
  static final int TEMP_A = 49;

  static final int TEMP_B = 51;
  static final int TEMP_ADDRESS = 53;

  /** An int between instructions; the fault in the handlers. */
  static final int FAULT = 55;

  static final int TEMP_C = 56;
  static final int TEMP_D = 58;
  static final int TEMP_E = 60;
  static final int TEMP_F = 62;

  /** The array of XMM registers in {@link org.maloca.x86.Cpu}. */
  static final int VECTORS = 64;

  /** Number of the link by which the region is left. */
  static final int LINK = 65;

  /** The host address that an instruction loads from and stores to. */
  static final int HOST = 66;

  private static final int LOOKUPS = 68;
  private static final int AFTER_LOOKUPS = LOOKUPS + 2 * SharedLookups.LOCALS;

  /** Doubles that the flags tell the relation of: see {@link FlagEmitter#setCompared}. */
  static final int COMPARED_A = AFTER_LOOKUPS;

  static final int COMPARED_B = AFTER_LOOKUPS + 2;

  /** The fault that the region is left by, or null. */
  static final int PENDING = AFTER_LOOKUPS + 4;

  /**
   * What an x87 exception handler would be told, where a region keeps state in locals: the opcode
   * of the last x87 instruction, or -1 when there was none in the region; its offset; the segment
   * of its memory operand, or -1; that operand's offset.
   */
  static final int X87_OPCODE = AFTER_LOOKUPS + 5;

  static final int X87_AT = AFTER_LOOKUPS + 6;
  static final int X87_SEGMENT = AFTER_LOOKUPS + 7;
  static final int X87_DATA = AFTER_LOOKUPS + 8;

  /** A value on its way into an array. */
  static final int SPILL = AFTER_LOOKUPS + 10;

  /** The address of the access that is being emitted. */
  static final int ACCESS = AFTER_LOOKUPS + 12;

  /** The first of eight slots that families may use for temporaries of one instruction. */
  static final int FREE = AFTER_LOOKUPS + 14;

  /** Host address of the TLB bank in force. */
  static final int BANK = FREE + 8;

  /** What a loop polls. */
  static final int EVENTS = BANK + 2;

  /** Bases of FS and GS where the region has accesses by them. */
  static final int FS_BASE = EVENTS + 1;

  static final int GS_BASE = FS_BASE + 2;

  private static final int XMM = GS_BASE + 2;
  private static final int XMM_SECOND = XMM + 64;
  private static final int END = XMM_SECOND + 32;

  private Locals() {}

  /** What lives in a slot, for people; nothing for what lives there for a moment. */
  static String describe(int slot) {
    return switch (slot) {
      case REGION -> "region";
      case CPU -> "cpu";
      case ENTRY -> "entry";
      case BASE -> "base";
      case MMU -> "mmu";
      case BANK -> "bank";
      case EVENTS -> "events";
      case FS_BASE -> "fsBase";
      case GS_BASE -> "gsBase";
      case PC -> "pc";
      case FLAG_KIND -> "flagKind";
      case FLAG_RESULT -> "flagResult";
      case FLAG_SOURCE -> "flagSource";
      case RIP -> "rip";
      case COUNT -> "count";
      case FAULT -> "fault";
      case VECTORS -> "vectors";
      case LINK -> "link";
      case PENDING -> "pending";
      case HOST -> "host";
      default -> guestName(slot);
    };
  }

  private static String guestName(int slot) {
    if (slot >= GUEST && slot < TEMP_A) {
      return GuestRegisters.describe(GuestRegisters.general((slot - GUEST) / 2));
    }
    if (slot >= XMM_SECOND && slot < END) {
      return "xmm" + (slot - XMM_SECOND) / 2 + " second";
    }
    if (slot >= XMM && slot < XMM_SECOND) {
      int register = (slot - XMM) / 4;
      boolean low = (slot - XMM) % 4 < 2;
      return GuestRegisters.describe(
          low ? GuestRegisters.xmmLow(register) : GuestRegisters.xmmHigh(register));
    }
    return "";
  }

  /** The slot of what a shared look at the TLB found, a long. */
  static int lookup(int number) {
    return LOOKUPS + 2 * number;
  }

  /** The slot of a guest's general register. */
  static int guest(int register) {
    return GUEST + 2 * register;
  }

  /** The slot of the low half of an XMM register: a long, or what {@link LowHalves} says. */
  static int xmmLow(int register) {
    return XMM + 4 * register;
  }

  /** The slot of the high half of an XMM register, a long. */
  static int xmmHigh(int register) {
    return XMM + 4 * register + 2;
  }

  /**
   * The slot of the second quarter of an XMM register whose lowest is a float: a long, in its high
   * half.
   */
  static int xmmSecond(int register) {
    return XMM_SECOND + 2 * register;
  }
}
