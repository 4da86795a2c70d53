package org.maloca.x86.bytecode;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows the code of a method while it is written: what locals and operands hold, and what they
 * are expected to hold at labels. Its findings are the method's stack maps.
 */
final class Flow {
  private final ByteSink code;

  /** Labels in the order of their places. */
  final List<Label> labels = new ArrayList<>();

  /** What holds here. */
  final Frame now = new Frame(128, 32);

  /** Whether anything leads here. */
  boolean reachable = true;

  /** See {@link MethodCode#epoch}. */
  int epoch;

  private int stackSlots;
  private int maxStack;
  private int maxLocals;

  Flow(ByteSink code) {
    this.code = code;
  }

  int maxStack() {
    return maxStack;
  }

  int maxLocals() {
    return maxLocals;
  }

  // Labels.

  /**
   * Binds a label to this place.
   *
   * @param expected what holds at jumps to it from behind it; null if there are none
   */
  void bind(Label label, @Nullable Frame expected) {
    epoch++;
    label.position = code.length();
    Frame frame = label.frame;
    if (frame == null) {
      frame = reachable ? now.copy() : expected == null ? null : expected.copy();
    } else if (reachable) {
      frame.merge(now);
    }
    if (frame == null) {
      label.resolve(code);
      return;
    }
    if (expected != null) {
      frame.restrict(expected);
    }
    // Code behind a jump has a map, though nothing may lead to it in the end.
    label.isTarget |= !reachable;
    Label before = labels.isEmpty() ? null : labels.getLast();
    if (before != null && before.position == label.position && before.frame != null && reachable) {
      // One place has one map.
      before.frame.restrict(frame);
      label.frame = before.frame;
    } else {
      label.frame = frame;
    }
    labels.add(label);
    label.resolve(code);
    resume(label.frame);
  }

  private void resume(Frame frame) {
    now.become(frame);
    reachable = true;
    stackSlots = now.stackSlots();
    maxStack = Math.max(maxStack, stackSlots);
  }

  /** Binds a label to this place, where an exception of a type arrives. */
  void bindHandler(Label label, Frame expected, int type) {
    Frame frame = expected.copy();
    frame.depth = 0;
    frame.push(type);
    label.frame = frame;
    label.isTarget = true;
    reachable = false;
    bind(label, null);
  }

  /** Notes that an instruction jumps to a label, by an operand as {@link Label#await} takes it. */
  void jumpTo(Label target, int operand, int instruction) {
    target.isTarget = true;
    if (target.isBound()) {
      Frame frame = target.frame;
      if (frame == null) {
        throw new IllegalStateException("a jump back to what nothing led to");
      }
      now.requireFits(frame);
      target.await(operand, instruction);
      target.resolve(code);
      return;
    }
    if (target.frame == null) {
      target.frame = now.copy();
    } else {
      target.frame.merge(now);
    }
    target.await(operand, instruction);
  }

  // Types.

  void setLocal(int slot, int type) {
    now.setLocal(slot, type);
    maxLocals = Math.max(maxLocals, now.localCount);
  }

  void push(int type) {
    if (type != Types.VOID) {
      now.push(type);
      stackSlots += Types.isWide(type) ? 2 : 1;
      if (stackSlots > maxStack) {
        maxStack = stackSlots;
      }
    }
  }

  int take() {
    int type = now.stack[--now.depth];
    stackSlots -= Types.isWide(type) ? 2 : 1;
    return type;
  }

  void drop(int count) {
    for (int i = 0; i < count; i++) {
      take();
    }
  }
}
