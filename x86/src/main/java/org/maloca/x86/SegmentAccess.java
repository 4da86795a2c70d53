package org.maloca.x86;

import org.maloca.core.cpu.SegmentState;

/** Limit and type checks of memory operands outside 64-bit code (Intel SDM vol. 3, 5.3 and 5.5). */
final class SegmentAccess {
  private static final int TYPE_CODE = 8;
  private static final int TYPE_EXPAND_DOWN = 4;
  private static final int TYPE_WRITABLE_OR_READABLE = 2;

  private SegmentAccess() {}

  /** The linear address of {@code size} bytes; #GP(0), or #SS(0) in the stack segment. */
  static long linear(Cpu cpu, int number, long offset, int size, boolean write) {
    SegmentState segment = cpu.segments[number];
    int attributes = segment.attributes;
    if (!cpu.isRealAddressing() && !permits(attributes, write)) {
      throw violation(cpu, number);
    }
    long limit = segment.limit & 0xffff_ffffL;
    long last = offset + size - 1;
    boolean inside;
    if ((attributes & (TYPE_CODE | TYPE_EXPAND_DOWN)) == TYPE_EXPAND_DOWN) {
      long top = (attributes & SegmentState.ATTR_DB) != 0 ? 0xffff_ffffL : 0xffffL;
      inside = offset > limit && last <= top;
    } else {
      inside = last <= limit;
    }
    if (!inside) {
      throw violation(cpu, number);
    }
    return segment.base + offset & 0xffff_ffffL;
  }

  private static boolean permits(int attributes, boolean write) {
    if ((attributes & SegmentState.ATTR_P) == 0) {
      return false;
    }
    boolean code = (attributes & TYPE_CODE) != 0;
    boolean allowed = (attributes & TYPE_WRITABLE_OR_READABLE) != 0;
    return write ? !code && allowed : !code || allowed;
  }

  private static GuestFault violation(Cpu cpu, int number) {
    return cpu.fault(number == Cpu.SS ? GuestFault.SS : GuestFault.GP, 0);
  }
}
