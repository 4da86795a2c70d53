package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/**
 * Pushes the frame of a far transfer onto a stack that need not be the current one yet. The caller
 * makes {@link #pointer} the stack pointer when all went well.
 */
final class StackPusher {
  private static final int TYPE_EXPAND_DOWN = 4;

  private final Cpu cpu;
  private final int width;
  private final long base;
  private final long limit;
  private final int attributes;
  private final int errorCode;
  private final boolean user;

  /** The stack pointer after what was pushed so far. */
  long pointer;

  private StackPusher(
      Cpu cpu,
      int width,
      long base,
      int limit,
      int attributes,
      int errorCode,
      boolean user,
      long pointer) {
    this.cpu = cpu;
    this.width = width;
    this.base = base;
    this.limit = limit & 0xffff_ffffL;
    this.attributes = attributes;
    this.errorCode = errorCode;
    this.user = user;
    this.pointer = pointer;
  }

  /** The stack in use. */
  static StackPusher current(Cpu cpu) {
    SegmentState ss = cpu.segments[Cpu.SS];
    int width = cpu.stackAddressSize();
    long pointer = Cpu.zeroExtend(cpu.rsp, width);
    return new StackPusher(cpu, width, ss.base, ss.limit, ss.attributes, 0, cpu.cpl == 3, pointer);
  }

  /** The stack of an inner privilege level, outside long mode. */
  static StackPusher inner(Cpu cpu, int selector, long raw, long pointer) {
    int width = Descriptor.isBig(raw) ? 4 : 2;
    return new StackPusher(
        cpu,
        width,
        Descriptor.base(raw),
        Descriptor.limit(raw),
        Descriptor.attributes(raw),
        DescriptorTables.errorCode(selector),
        false,
        Cpu.zeroExtend(pointer, width));
  }

  /** A 64-bit stack, at a privilege level. */
  static StackPusher flat64(Cpu cpu, int privilege, long pointer) {
    return new StackPusher(cpu, 8, 0, -1, 0, 0, privilege == 3, pointer);
  }

  /** Pushes; #SS when there is no room, or #PF. */
  void push(long value, int size) {
    long at = Cpu.zeroExtend(pointer - size, width);
    long linear = linear(at, size);
    if (user || cpu.cpl != 3) {
      cpu.mmu.store(linear, size, value);
    } else {
      cpu.mmu.systemStore(linear, size, value);
    }
    pointer = at;
  }

  private long linear(long offset, int size) {
    if (width == 8) {
      if (!ControlRegisterRules.isCanonical(offset)) {
        throw cpu.fault(GuestFault.SS, errorCode);
      }
      return offset;
    }
    long last = offset + size - 1;
    boolean inside;
    if ((attributes & TYPE_EXPAND_DOWN) != 0) {
      long top = (attributes & SegmentState.ATTR_DB) != 0 ? 0xffff_ffffL : 0xffff;
      inside = offset > limit && last <= top;
    } else {
      inside = last <= limit;
    }
    if (!inside || (attributes & SegmentState.ATTR_P) == 0 && isChecked()) {
      throw cpu.fault(GuestFault.SS, errorCode);
    }
    return base + offset & 0xffff_ffffL;
  }

  private boolean isChecked() {
    return (cpu.cr0 & ControlRegisters.CR0_PE) != 0 && !cpu.isVirtual8086();
  }

  /** Makes the pointer that of the current stack, whose width is the one that was used. */
  void commitPointer() {
    cpu.setStackPointer(pointer, width);
  }
}
