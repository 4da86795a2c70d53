package org.maloca.x86.bytecode;

import java.util.List;

/** Writes the stack maps of a method (4.7.4), in the shortest form for what regions do. */
final class StackMap {
  private static final int SAME_FRAME_EXTENDED = 251;
  private static final int FULL_FRAME = 255;

  private final ConstantPool pool;
  private final ByteSink bytes = new ByteSink();
  private int count;
  private int last = -1;

  /**
   * Makes it.
   *
   * @param places bound labels in the order of their positions
   * @param initial what holds where the method begins
   */
  StackMap(ConstantPool pool, List<Label> places, Frame initial) {
    this.pool = pool;
    Frame before = initial;
    for (int i = 0; i < places.size(); i++) {
      Label place = places.get(i);
      if (place.isTarget && place.frame != null && place.position != last) {
        add(place.position, place.frame, before);
        before = place.frame;
      }
    }
  }

  int count() {
    return count;
  }

  void writeTo(ByteSink out) {
    out.u2(count).append(bytes);
  }

  int length() {
    return 2 + bytes.length();
  }

  private void add(int position, Frame frame, Frame before) {
    int delta = position - last - 1;
    last = position;
    count++;
    if (frame.depth == 0 && frame.hasSameLocals(before)) {
      if (delta < 64) {
        bytes.u1(delta);
      } else {
        bytes.u1(SAME_FRAME_EXTENDED).u2(delta);
      }
      return;
    }
    bytes.u1(FULL_FRAME).u2(delta);
    int localTypes = 0;
    for (int slot = 0; slot < frame.localCount; slot += width(frame.locals[slot])) {
      localTypes++;
    }
    bytes.u2(localTypes);
    for (int slot = 0; slot < frame.localCount; slot += width(frame.locals[slot])) {
      type(frame.locals[slot]);
    }
    bytes.u2(frame.depth);
    for (int i = 0; i < frame.depth; i++) {
      type(frame.stack[i]);
    }
  }

  private static int width(int type) {
    return Types.isWide(type) ? 2 : 1;
  }

  private void type(int type) {
    if (type >= Types.FIRST_OBJECT) {
      bytes.u1(7).u2(pool.indexOf(pool.types.classOf(type)));
    } else {
      bytes.u1(Math.max(type, Types.TOP));
    }
  }
}
