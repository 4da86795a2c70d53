package org.maloca.fuzz;

import java.util.SplittableRandom;

/** Chooses where memory operands and branches go. */
final class Targets {
  private static final int WINDOW = CaseSpace.WINDOW_BYTES;
  private static final int READ_ONLY = (int) (CaseSpace.READ_ONLY_GVA - CaseSpace.WINDOW_GVA);

  private Targets() {}

  /**
   * An operand's offset from the window's start: mostly inside, often aligned, sometimes over the
   * inner page boundary, over an end, in the read-only page or in nothing.
   *
   * @param alignment of the usual case, a power of two
   */
  static int offset(SplittableRandom random, int alignment) {
    int choice = random.nextInt(100);
    // Most vector instructions fault when misaligned, which is soon checked.
    if (choice < (alignment > 8 ? 74 : 58)) {
      return 256 + (random.nextInt(WINDOW - 1024) & -alignment);
    } else if (choice < 78) {
      return 256 + random.nextInt(WINDOW - 1024);
    } else if (choice < 86) {
      return CaseSpace.PAGE_BYTES - 1 - random.nextInt(15);
    } else if (choice < 91) {
      return WINDOW - random.nextInt(33);
    } else if (choice < 93) {
      return random.nextInt(17) - 16;
    } else if (choice < 97) {
      return READ_ONLY + (random.nextInt(CaseSpace.PAGE_BYTES) & -alignment);
    } else if (choice < 98) {
      return READ_ONLY + CaseSpace.PAGE_BYTES - random.nextInt(17);
    }
    return 0x10000 + random.nextInt(0x100_0000);
  }

  /** Where an indirect branch goes: never into the case's own code or the exit behind it. */
  static long branch(SplittableRandom random, Encoding encoding) {
    int choice = random.nextInt(100);
    if (choice < 75) {
      return CaseSpace.CODE_GVA + codeOffset(random, encoding);
    } else if (choice < 88) {
      return CaseSpace.WINDOW_GVA + random.nextInt(WINDOW);
    } else if (choice < 96) {
      return 0x1000_0000L + random.nextInt(0x0fff_0000);
    }
    return 0x40_0000_0000L + random.nextLong(0x3f00_0000_0000L);
  }

  /** An offset in the code page outside the case's code. */
  static int codeOffset(SplittableRandom random, Encoding encoding) {
    int first = encoding.codeOffset - 16;
    int behind = encoding.codeOffset + encoding.length + 16;
    int offset = random.nextInt(CaseSpace.PAGE_BYTES);
    if (offset >= first && offset < behind) {
      return first > 0 ? random.nextInt(first) : behind + random.nextInt(256);
    }
    return offset;
  }
}
