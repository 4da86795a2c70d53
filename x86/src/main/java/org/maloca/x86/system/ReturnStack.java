package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/** The stack that IRET or a far RET finds above its return address: SS and RSP. */
final class ReturnStack {
  private final Cpu cpu;
  private final int selector;
  private final long pointer;
  private final long raw;
  private final int privilege;
  private final boolean isNull;
  private final boolean to64;

  private ReturnStack(
      Cpu cpu, int selector, long pointer, long raw, int privilege, boolean isNull, boolean to64) {
    this.cpu = cpu;
    this.selector = selector;
    this.pointer = pointer;
    this.raw = raw;
    this.privilege = privilege;
    this.isNull = isNull;
    this.to64 = to64;
  }

  /** Reads and checks it; {@code code} is the descriptor of the CS that is returned to. */
  static ReturnStack read(Cpu cpu, StackReader stack, int size, long code, int privilege) {
    long pointer = stack.pop(size);
    int selector = (int) stack.pop(size) & 0xffff;
    boolean to64 = CodeSegment.is64(cpu, code);
    boolean isNull = DescriptorTables.isNull(selector);
    if (isNull && (!to64 || privilege == 3 || (selector & 3) != privilege)) {
      throw cpu.generalProtection();
    }
    long raw = 0;
    if (!isNull) {
      raw = SegmentLoader.readStack(cpu, selector, privilege, GuestFault.GP);
      DescriptorTables.markAccessed(cpu, selector, raw);
    }
    return new ReturnStack(cpu, selector, pointer, raw, privilege, isNull, to64);
  }

  /** Loads SS and RSP; {@code released} more bytes are popped off the new stack. */
  void load(long released) {
    int width = 8;
    if (!to64) {
      width = Descriptor.isBig(raw) ? 4 : 2;
    }
    if (isNull) {
      SegmentLoader.makeNullStack(cpu, selector, privilege);
    } else {
      Descriptor.load(cpu.segments[Cpu.SS], selector, raw);
    }
    cpu.setStackPointer(pointer + released, width);
  }
}
