package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Breakpoints;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

/**
 * Hardware task switches of legacy protected mode (AMD APM vol. 2, 12.3; Intel SDM vol. 3, 7.3).
 * Faults before the switch belong to the instruction and are thrown; faults after it belong to the
 * new task and are delivered there.
 */
final class TaskSwitch {
  private enum Cause {
    JUMP,
    CALL,
    RETURN,
    INTERRUPT
  }

  private final Cpu cpu;
  private final Cause cause;
  private final int selector;
  private final boolean wide;
  private final long base;
  private final int limit;
  private final int attributes;

  private TaskSwitch(Cpu cpu, Cause cause, int selector, long raw) {
    this.cpu = cpu;
    this.cause = cause;
    this.selector = selector;
    this.wide = (Descriptor.type(raw) & Descriptor.TYPE_32) != 0;
    this.base = Descriptor.base(raw);
    this.limit = Descriptor.limit(raw);
    this.attributes = Descriptor.attributes(raw);
  }

  /** Refuses a TSS that is named directly without the privilege for it. */
  static void checkPrivilege(Cpu cpu, int selector, long raw) {
    if (Descriptor.dpl(raw) < Math.max(cpu.cpl, selector & 3)) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
  }

  /** The TSS selector of a task gate that a JMP or CALL names. */
  static int gateTarget(Cpu cpu, int gateSelector, long gate) {
    checkPrivilege(cpu, gateSelector, gate);
    if (!Descriptor.isPresent(gate)) {
      throw cpu.fault(GuestFault.NP, DescriptorTables.errorCode(gateSelector));
    }
    return Descriptor.gateSelector(gate);
  }

  static void byJump(Cpu cpu, int selector, long nextRip) {
    prepare(cpu, Cause.JUMP, selector, GuestFault.GP).run(nextRip, InterruptEvent.NO_ERROR_CODE);
  }

  static void byCall(Cpu cpu, int selector, long nextRip) {
    prepare(cpu, Cause.CALL, selector, GuestFault.GP).run(nextRip, InterruptEvent.NO_ERROR_CODE);
  }

  /** IRET with NT set: back to the task in the current TSS's link. */
  static void byReturn(Cpu cpu, long nextRip) {
    int link = (int) cpu.mmu.systemLoad(cpu.tr.base, 2);
    prepare(cpu, Cause.RETURN, link, GuestFault.TS).run(nextRip, InterruptEvent.NO_ERROR_CODE);
  }

  /** A task gate in the IDT. */
  static void byInterrupt(Cpu cpu, int selector, InterruptEvent event) {
    int flags = cpu.systemFlags;
    cpu.systemFlags = flags | event.flags() & Flags.RF;
    try {
      prepare(cpu, Cause.INTERRUPT, selector, GuestFault.GP)
          .run(event.returnRip(), event.errorCode());
    } catch (GuestFault fault) {
      cpu.systemFlags = flags;
      throw fault;
    }
  }

  private static TaskSwitch prepare(Cpu cpu, Cause cause, int selector, int vector) {
    int errorCode = DescriptorTables.errorCode(selector);
    if (DescriptorTables.isLocal(selector)) {
      throw cpu.fault(vector, errorCode);
    }
    long raw = DescriptorTables.read(cpu, selector, vector);
    int type = Descriptor.type(raw);
    boolean busy = type == Descriptor.TYPE_TSS16_BUSY || type == Descriptor.TYPE_TSS32_BUSY;
    boolean available =
        type == Descriptor.TYPE_TSS16_AVAILABLE || type == Descriptor.TYPE_TSS32_AVAILABLE;
    if (Descriptor.isSegment(raw) || !(cause == Cause.RETURN ? busy : available)) {
      throw cpu.fault(vector, errorCode);
    }
    if (!Descriptor.isPresent(raw)) {
      throw cpu.fault(GuestFault.NP, errorCode);
    }
    TaskSwitch task = new TaskSwitch(cpu, cause, selector, raw);
    if (Integer.compareUnsigned(task.limit, TaskImage.bytes(task.wide) - 1) < 0) {
      throw cpu.fault(GuestFault.TS, errorCode);
    }
    return task;
  }

  private void run(long nextRip, int errorCode) {
    TaskImage image = TaskImage.load(cpu, base, wide);
    saveOldTask(nextRip);
    int oldSelector = cpu.tr.selector;
    boolean nested = cause == Cause.CALL || cause == Cause.INTERRUPT;
    if (nested) {
      cpu.mmu.systemStore(base, 2, oldSelector);
      image.flags |= Flags.NT;
    } else {
      DescriptorTables.setBusy(cpu, oldSelector, false);
    }
    if (cause != Cause.RETURN) {
      DescriptorTables.setBusy(cpu, selector, true);
    }
    cpu.tr.set(selector, base, limit, attributes | Descriptor.TYPE_BUSY);
    cpu.cr0 |= ControlRegisters.CR0_TS;
    image.install(cpu);
    enterNewTask(image, errorCode);
  }

  /**
   * Stores what the old task goes on with; probed first, so that all of it is stored or nothing.
   */
  private void saveOldTask(long nextRip) {
    boolean oldWide = TaskStateSegment.is32(cpu);
    int savedFlags = cpu.rflags();
    if (cause == Cause.RETURN) {
      savedFlags &= ~Flags.NT;
    }
    long lastByte = cpu.tr.base + TaskImage.bytes(oldWide) - 1;
    cpu.mmu.systemStore(lastByte, 1, cpu.mmu.systemLoad(lastByte, 1));
    TaskImage.save(cpu, cpu.tr.base, oldWide, nextRip, savedFlags);
  }

  private void enterNewTask(TaskImage image, int errorCode) {
    try {
      image.loadSegments(cpu);
      if (errorCode != InterruptEvent.NO_ERROR_CODE) {
        StackPusher stack = StackPusher.current(cpu);
        stack.push(errorCode, wide ? 4 : 2);
        stack.commitPointer();
      }
      checkRip();
    } catch (GuestFault fault) {
      cpu.updateMode();
      deliver(fault.vector, fault.errorCode);
      return;
    }
    if (image.traps) {
      cpu.dr[6] |= Breakpoints.DR6_BT;
      deliver(GuestFault.DB, 0);
    }
  }

  private void deliver(int vector, int errorCode) {
    if (!InterruptDelivery.raise(cpu, vector, errorCode)) {
      // The engine's own delivery of this will fail likewise and shut the CPU down.
      throw cpu.fault(GuestFault.DF, 0);
    }
  }

  private void checkRip() {
    SegmentState cs = cpu.segments[Cpu.CS];
    if (Long.compareUnsigned(cpu.rip, cs.limit & 0xffff_ffffL) > 0) {
      throw cpu.generalProtection();
    }
  }
}
