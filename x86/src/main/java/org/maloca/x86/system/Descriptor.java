package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;

/** Fields of an 8-byte segment or gate descriptor (AMD APM vol. 2, 4.7 and 4.8). */
final class Descriptor {
  static final int TYPE_TSS16_AVAILABLE = 1;
  static final int TYPE_LDT = 2;
  static final int TYPE_TSS16_BUSY = 3;
  static final int TYPE_CALL_GATE16 = 4;
  static final int TYPE_TASK_GATE = 5;
  static final int TYPE_INTERRUPT_GATE16 = 6;
  static final int TYPE_TRAP_GATE16 = 7;
  static final int TYPE_TSS32_AVAILABLE = 9;
  static final int TYPE_TSS32_BUSY = 0xb;
  static final int TYPE_CALL_GATE32 = 0xc;
  static final int TYPE_INTERRUPT_GATE32 = 0xe;
  static final int TYPE_TRAP_GATE32 = 0xf;

  /** Of a TSS's type. */
  static final int TYPE_BUSY = 2;

  /** Of a TSS's or gate's type: not 16-bit. */
  static final int TYPE_32 = 8;

  private static final int ACCESSED = 1;
  private static final int WRITABLE_OR_READABLE = 2;
  private static final int CONFORMING = 4;
  private static final int CODE = 8;

  private Descriptor() {}

  static long base(long raw) {
    return raw >>> 16 & 0xff_ffff | raw >>> 56 << 24;
  }

  /** In bytes. */
  static int limit(long raw) {
    int limit = (int) (raw & 0xffff | raw >>> 32 & 0xf_0000);
    return (attributes(raw) & SegmentState.ATTR_G) != 0 ? limit << 12 | 0xfff : limit;
  }

  /** In the layout of {@link SegmentState#attributes}. */
  static int attributes(long raw) {
    return (int) (raw >>> 40) & 0xf0ff;
  }

  static int dpl(long raw) {
    return (int) (raw >>> 45) & 3;
  }

  static boolean isPresent(long raw) {
    return (raw >>> 47 & 1) != 0;
  }

  /** A code or data segment, no system descriptor. */
  static boolean isSegment(long raw) {
    return (raw >>> 44 & 1) != 0;
  }

  /** The four type bits. */
  static int type(long raw) {
    return (int) (raw >>> 40) & 15;
  }

  static boolean isCode(long raw) {
    return isSegment(raw) && (type(raw) & CODE) != 0;
  }

  static boolean isConformingCode(long raw) {
    return isCode(raw) && (type(raw) & CONFORMING) != 0;
  }

  static boolean isReadable(long raw) {
    return isSegment(raw) && (!isCode(raw) || (type(raw) & WRITABLE_OR_READABLE) != 0);
  }

  static boolean isWritableData(long raw) {
    return isSegment(raw) && !isCode(raw) && (type(raw) & WRITABLE_OR_READABLE) != 0;
  }

  static boolean isAccessed(long raw) {
    return (type(raw) & ACCESSED) != 0;
  }

  /** Code with L set; it counts in long mode only. */
  static boolean isLong(long raw) {
    return (raw >>> 53 & 1) != 0;
  }

  /** D of code, B of stacks. */
  static boolean isBig(long raw) {
    return (raw >>> 54 & 1) != 0;
  }

  /** A gate's target selector. */
  static int gateSelector(long raw) {
    return (int) (raw >>> 16) & 0xffff;
  }

  /** A 32-bit gate's target offset. */
  static long gateOffset(long raw) {
    return raw & 0xffff | raw >>> 32 & 0xffff_0000L;
  }

  /** Fills a segment register with a code or data segment, as accessed. */
  static void load(SegmentState segment, int selector, long raw) {
    segment.set(selector, base(raw), limit(raw), attributes(raw) | ACCESSED);
  }
}
