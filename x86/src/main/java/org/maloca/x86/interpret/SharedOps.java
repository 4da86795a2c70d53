package org.maloca.x86.interpret;

import org.jspecify.annotations.Nullable;

/**
 * Ops that were chosen before, by what they were decoded from: the same few thousand instructions
 * make up most of all code, and ops do not change. What many blocks share is in the host's cache
 * when one of them is executed for the first time in a while. For one thread.
 */
public final class SharedOps {
  /** Longer instructions are seldom the same. */
  public static final int MOST_BYTES = Long.BYTES;

  private static final int SLOT_BITS = 13;
  private static final int ENTRIES = 1 << SLOT_BITS;
  private static final int LENGTH_BITS = 4;

  /**
   * An odd number whose multiples differ in their upper bits: 2 to the 64th by the golden ratio.
   */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private final long[] bytes = new long[ENTRIES];
  private final int[] kinds = new int[ENTRIES];
  private final @Nullable Op[] ops = new Op[ENTRIES];

  private static int kind(int length, int mode) {
    return mode << LENGTH_BITS | length;
  }

  private static int slot(long bytes, int kind) {
    return (int) ((bytes ^ (long) kind << 48) * SPREAD >>> Long.SIZE - SLOT_BITS);
  }

  /**
   * The op of an instruction that was kept, or null.
   *
   * @param code its bytes, the first one lowest, and zeros above
   * @param mode {@link org.maloca.x86.ir.CodeMode}
   */
  public @Nullable Op find(long code, int length, int mode) {
    int kind = kind(length, mode);
    int slot = slot(code, kind);
    return bytes[slot] == code && kinds[slot] == kind ? ops[slot] : null;
  }

  /**
   * Keeps an op for all instructions of the same bytes, unless it holds where it is in its block.
   */
  public void keep(long code, int length, int mode, Op op) {
    if (op instanceof HandlerOp) {
      return;
    }
    int kind = kind(length, mode);
    int slot = slot(code, kind);
    bytes[slot] = code;
    kinds[slot] = kind;
    ops[slot] = op;
  }
}
