package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

/** Delivery through the interrupt vector table of real mode (AMD APM vol. 2, 8.6). */
final class RealModeInterrupt {
  private RealModeInterrupt() {}

  /** Delivers through a table of far pointers at a linear address. */
  static void deliver(Cpu cpu, InterruptEvent event, long tableBase, int tableLimit) {
    int entry = event.vector() * 4;
    if (entry + 3 > tableLimit) {
      throw cpu.fault(GuestFault.GP, event.gateErrorCode());
    }
    long target = cpu.mmu.systemLoad(tableBase + entry, 4);
    enter(cpu, event, target, event.flags());
    InterruptDelivery.clearFlags(cpu, true);
    cpu.systemFlags &= ~Flags.AC;
    cpu.updateMode();
  }

  /**
   * Delivers to a virtual-8086 task's own table at linear address 0 (Intel SDM vol. 3, 20.3.3.4).
   */
  static void deliverInsideTask(Cpu cpu, InterruptEvent event) {
    long target = cpu.mmu.systemLoad((long) event.vector() * 4, 4);
    int flags = event.flags();
    boolean ownsFlag = cpu.iopl() == 3;
    if (!ownsFlag) {
      boolean enabled = (flags & Flags.VIF) != 0;
      flags = flags & ~Flags.IF | Flags.IOPL | (enabled ? Flags.IF : 0);
    }
    enter(cpu, event, target, flags);
    cpu.systemFlags &= ~(Flags.TF | Flags.NT | (ownsFlag ? Flags.IF : Flags.VIF));
    cpu.updateMode();
  }

  private static void enter(Cpu cpu, InterruptEvent event, long target, int flags) {
    SegmentState cs = cpu.segments[Cpu.CS];
    StackPusher stack = StackPusher.current(cpu);
    stack.push(flags, 2);
    stack.push(cs.selector, 2);
    stack.push(event.returnRip(), 2);
    stack.commitPointer();
    CodeSegment.loadReal(cpu, (int) (target >>> 16));
    cpu.rip = target & 0xffff;
  }
}
