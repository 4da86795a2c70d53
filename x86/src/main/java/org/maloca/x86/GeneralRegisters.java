package org.maloca.x86;

import java.util.List;
import org.maloca.core.memory.LongFields;

/**
 * The general registers, in encoding order, as fields: compiled code knows which it means, and an
 * array would have it check a bound and look up the array each time. Others go by number.
 */
public abstract class GeneralRegisters extends RegionState {
  private static final String[] NAMES = {
    "rax",
    "rcx",
    "rdx",
    "rbx",
    "rsp",
    "rbp",
    "rsi",
    "rdi",
    "r8",
    "r9",
    "r10",
    "r11",
    "r12",
    "r13",
    "r14",
    "r15",
    "absent",
    "blockRip"
  };

  private static final long OFFSET = LongFields.offsetOf(GeneralRegisters.class, NAMES);

  /** Number of a register that is always zero: an absent base or index. */
  public static final int ABSENT = 16;

  /** Number of {@link #blockRip}, the base of RIP-relative addresses. */
  public static final int BLOCK_RIP = 17;

  public long rax;
  public long rcx;
  public long rdx;
  public long rbx;
  public long rsp;
  public long rbp;
  public long rsi;
  public long rdi;
  public long r8;
  public long r9;
  public long r10;
  public long r11;
  public long r12;
  public long r13;
  public long r14;
  public long r15;
  private long absent;

  /** RIP of the first instruction of the block that is executed. */
  public long blockRip;

  /**
   * RIP behind the last instruction of the block that is interpreted, not cut to its size: jumps go
   * by it, so that those of the same bytes are the same wherever they are.
   */
  public long blockNext;

  GeneralRegisters() {}

  /** Begins with a block. */
  public final void beginBlock(long rip, int bytes) {
    blockRip = rip;
    blockNext = rip + bytes;
  }

  /** The names of the fields, by number. */
  public static List<String> names() {
    return List.of(NAMES);
  }

  /** All of a register, {@link #ABSENT} or {@link #BLOCK_RIP}, by number. */
  public final long gpr(int number) {
    return OFFSET != LongFields.NONE ? LongFields.get(this, OFFSET, number) : byName(number);
  }

  /** Sets all of a register, by number. */
  public final void setGpr(int number, long value) {
    if (OFFSET != LongFields.NONE) {
      LongFields.set(this, OFFSET, number, value);
    } else {
      setByName(number, value);
    }
  }

  private long byName(int number) {
    return switch (number) {
      case 0 -> rax;
      case 1 -> rcx;
      case 2 -> rdx;
      case 3 -> rbx;
      case 4 -> rsp;
      case 5 -> rbp;
      case 6 -> rsi;
      case 7 -> rdi;
      case 8 -> r8;
      case 9 -> r9;
      case 10 -> r10;
      case 11 -> r11;
      case 12 -> r12;
      case 13 -> r13;
      case 14 -> r14;
      case 15 -> r15;
      case ABSENT -> absent;
      default -> blockRip;
    };
  }

  private void setByName(int number, long value) {
    switch (number) {
      case 0 -> rax = value;
      case 1 -> rcx = value;
      case 2 -> rdx = value;
      case 3 -> rbx = value;
      case 4 -> rsp = value;
      case 5 -> rbp = value;
      case 6 -> rsi = value;
      case 7 -> rdi = value;
      case 8 -> r8 = value;
      case 9 -> r9 = value;
      case 10 -> r10 = value;
      case 11 -> r11 = value;
      case 12 -> r12 = value;
      case 13 -> r13 = value;
      case 14 -> r14 = value;
      case 15 -> r15 = value;
      default -> throw new IllegalArgumentException("register " + number);
    }
  }
}
