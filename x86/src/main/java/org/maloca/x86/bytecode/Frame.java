package org.maloca.x86.bytecode;

import java.util.Arrays;

/** What is known of local variables and the operand stack at a place: see {@link Types}. */
public final class Frame {
  int[] locals;

  /** Locals in use; those beyond hold nothing. */
  int localCount;

  int[] stack;
  int depth;

  Frame(int maxLocals, int maxDepth) {
    locals = new int[maxLocals];
    stack = new int[maxDepth];
  }

  /** A copy that does not change. */
  Frame copy() {
    Frame copy = new Frame(0, 0);
    copy.locals = Arrays.copyOf(locals, localCount);
    copy.localCount = localCount;
    copy.stack = Arrays.copyOf(stack, depth);
    copy.depth = depth;
    return copy;
  }

  void become(Frame other) {
    if (locals.length < other.localCount) {
      locals = new int[other.localCount];
    }
    System.arraycopy(other.locals, 0, locals, 0, other.localCount);
    localCount = other.localCount;
    if (stack.length < other.depth) {
      stack = new int[other.depth];
    }
    System.arraycopy(other.stack, 0, stack, 0, other.depth);
    depth = other.depth;
  }

  int local(int slot) {
    return slot < localCount ? locals[slot] : Types.TOP;
  }

  void setLocal(int slot, int type) {
    int after = slot + (Types.isWide(type) ? 2 : 1);
    if (after > locals.length) {
      locals = Arrays.copyOf(locals, 2 * after);
    }
    if (after > localCount) {
      Arrays.fill(locals, localCount, after, Types.TOP);
      localCount = after;
    }
    locals[slot] = type;
    if (Types.isWide(type)) {
      locals[slot + 1] = Types.SECOND;
    }
  }

  void push(int type) {
    if (depth == stack.length) {
      stack = Arrays.copyOf(stack, 2 * depth + 8);
    }
    stack[depth++] = type;
  }

  /** Slots of the operand stack in use. */
  int stackSlots() {
    int slots = depth;
    for (int i = 0; i < depth; i++) {
      if (Types.isWide(stack[i])) {
        slots++;
      }
    }
    return slots;
  }

  /** Forgets what does not hold at another place from which the same code is reached. */
  void merge(Frame other) {
    restrict(other);
    if (depth != other.depth) {
      throw new IllegalStateException("stack depths " + depth + " and " + other.depth);
    }
    for (int i = 0; i < depth; i++) {
      int merged = merge(stack[i], other.stack[i]);
      if (merged == Types.TOP) {
        throw new IllegalStateException("a stack holds " + stack[i] + " and " + other.stack[i]);
      }
      stack[i] = merged;
    }
  }

  /** Forgets locals that another does not know. */
  void restrict(Frame other) {
    localCount = Math.min(localCount, other.localCount);
    for (int slot = 0; slot < localCount; slot++) {
      int type = locals[slot];
      if (type != other.locals[slot]) {
        locals[slot] = merge(type, other.locals[slot]);
      }
    }
    while (localCount > 0 && locals[localCount - 1] == Types.TOP) {
      localCount--;
    }
  }

  private static int merge(int one, int other) {
    if (one == other) {
      return one;
    }
    if (one == Types.NULL && other >= Types.FIRST_OBJECT) {
      return other;
    }
    return other == Types.NULL && one >= Types.FIRST_OBJECT ? one : Types.TOP;
  }

  /** Fails unless code that expects {@code target} may be jumped to from here. */
  void requireFits(Frame target) {
    for (int slot = 0; slot < target.localCount; slot++) {
      int wanted = target.locals[slot];
      if (wanted > Types.TOP && merge(local(slot), wanted) != wanted) {
        throw new IllegalStateException(
            "local %d is %d where %d is expected".formatted(slot, local(slot), wanted));
      }
    }
    if (depth != target.depth) {
      throw new IllegalStateException("stack depth " + depth + ", expected " + target.depth);
    }
  }

  boolean hasSameLocals(Frame other) {
    return Arrays.equals(locals, 0, localCount, other.locals, 0, other.localCount);
  }
}
