package org.maloca.x86.bytecode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A place in a method's code. */
public final class Label {
  private static final int UNBOUND = -1;

  int position = UNBOUND;

  /** Whether a jump or an exception leads here. */
  boolean isTarget;

  /** What holds wherever it is jumped from; null before the first jump to one not bound yet. */
  @Nullable Frame frame;

  /**
   * Operands that wait for its position: where they stand and where their instruction begins; the
   * former is negative for those of four bytes.
   */
  private int[] waiting = {};

  Label() {}

  boolean isBound() {
    return position != UNBOUND;
  }

  void await(int operand, int instruction) {
    waiting = Arrays.copyOf(waiting, waiting.length + 2);
    waiting[waiting.length - 2] = operand;
    waiting[waiting.length - 1] = instruction;
  }

  void resolve(ByteSink code) {
    for (int i = 0; i < waiting.length; i += 2) {
      int distance = position - waiting[i + 1];
      if (waiting[i] < 0) {
        code.putU4(-waiting[i], distance);
      } else {
        code.putU2(waiting[i], distance);
      }
    }
    waiting = new int[0];
  }
}
