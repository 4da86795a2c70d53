package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/** What hardware reads in the current TSS (AMD APM vol. 2, 12.2.4 and 12.2.5). */
final class TaskStateSegment {
  /** Of the 32-bit TSS: ESP0, followed by SS0 and the like of levels 1 and 2. */
  private static final int STACKS_32 = 4;

  /** Of the 16-bit TSS: SP0 and SS0. */
  private static final int STACKS_16 = 2;

  private static final int STACKS_64 = 4;
  private static final int INTERRUPT_STACKS = 0x24;
  private static final int MAP_BASE = 0x66;
  private static final int REDIRECTION_BYTES = 32;

  private TaskStateSegment() {}

  static boolean is32(Cpu cpu) {
    return (cpu.tr.attributes & Descriptor.TYPE_32) != 0;
  }

  /** RSP of a privilege level in the 64-bit TSS. */
  static long privilegeStack64(Cpu cpu, int privilege) {
    return load64(cpu, STACKS_64 + 8 * privilege);
  }

  /** Entry 1 to 7 of the interrupt stack table. */
  static long interruptStack(Cpu cpu, int entry) {
    return load64(cpu, INTERRUPT_STACKS + 8 * (entry - 1));
  }

  private static long load64(Cpu cpu, int offset) {
    checkLimit(cpu, offset + 7);
    return cpu.mmu.systemLoad(cpu.tr.base + offset, 8);
  }

  /** Stack pointer of a privilege level in the 32- or 16-bit TSS. */
  static long privilegeStack(Cpu cpu, int privilege) {
    if (is32(cpu)) {
      checkLimit(cpu, STACKS_32 + 8 * privilege + 5);
      return cpu.mmu.systemLoad(cpu.tr.base + STACKS_32 + 8L * privilege, 4);
    }
    checkLimit(cpu, STACKS_16 + 4 * privilege + 3);
    return cpu.mmu.systemLoad(cpu.tr.base + STACKS_16 + 4L * privilege, 2);
  }

  /** Stack selector of a privilege level in the 32- or 16-bit TSS. */
  static int privilegeStackSelector(Cpu cpu, int privilege) {
    long offset = is32(cpu) ? STACKS_32 + 8L * privilege + 4 : STACKS_16 + 4L * privilege + 2;
    return (int) cpu.mmu.systemLoad(cpu.tr.base + offset, 2);
  }

  private static void checkLimit(Cpu cpu, int last) {
    if (last > (cpu.tr.limit & 0xffff_ffffL)) {
      throw cpu.fault(GuestFault.TS, DescriptorTables.errorCode(cpu.tr.selector));
    }
  }

  /** Whether the I/O permission map grants a range of ports. */
  static boolean permitsPorts(Cpu cpu, int port, int size) {
    long limit = cpu.tr.limit & 0xffff_ffffL;
    if (!isUsable(cpu) || limit < MAP_BASE + 1) {
      return false;
    }
    long at = cpu.mmu.systemLoad(cpu.tr.base + MAP_BASE, 2) + (port >>> 3);
    if (at + 1 > limit) {
      return false;
    }
    long bits = cpu.mmu.systemLoad(cpu.tr.base + at, 2) >>> (port & 7);
    return (bits & (1 << size) - 1) == 0;
  }

  /** Whether INT n of a virtual-8086 task stays in the task (Intel SDM vol. 3, 20.3.3.4). */
  static boolean redirectsToTask(Cpu cpu, int vector) {
    long limit = cpu.tr.limit & 0xffff_ffffL;
    if (!isUsable(cpu) || limit < MAP_BASE + 1) {
      return false;
    }
    long at = cpu.mmu.systemLoad(cpu.tr.base + MAP_BASE, 2) - REDIRECTION_BYTES + (vector >>> 3);
    if (at < 0 || at > limit) {
      return false;
    }
    return (cpu.mmu.systemLoad(cpu.tr.base + at, 1) >>> (vector & 7) & 1) == 0;
  }

  private static boolean isUsable(Cpu cpu) {
    return (cpu.tr.attributes & SegmentState.ATTR_P) != 0 && is32(cpu);
  }
}
