package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;

/** Delivery through the gates of legacy protected mode (AMD APM vol. 2, 8.7 and 8.8). */
final class ProtectedModeInterrupt {
  private static final int GATE_BYTES = 8;

  private ProtectedModeInterrupt() {}

  static void deliver(Cpu cpu, InterruptEvent event) {
    int at = event.vector() * GATE_BYTES;
    if (at + GATE_BYTES - 1 > (cpu.idtrLimit & 0xffff)) {
      throw cpu.fault(GuestFault.GP, event.gateErrorCode());
    }
    long gate = cpu.mmu.systemLoad(cpu.idtrBase + at, 8);
    checkGate(cpu, event, gate);
    int selector = Descriptor.gateSelector(gate);
    if (Descriptor.type(gate) == Descriptor.TYPE_TASK_GATE) {
      TaskSwitch.byInterrupt(cpu, selector, event);
      return;
    }
    long code = readTarget(cpu, selector);
    boolean wide = (Descriptor.type(gate) & Descriptor.TYPE_32) != 0;
    long offset = wide ? Descriptor.gateOffset(gate) : gate & 0xffff;
    boolean inner = !Descriptor.isConformingCode(code) && Descriptor.dpl(code) < cpu.cpl;
    if (cpu.isVirtual8086() && (!inner || Descriptor.dpl(code) != 0)) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    if (inner) {
      enterInner(cpu, event, selector, code, offset, wide ? 4 : 2);
    } else {
      enterSame(cpu, event, selector, code, offset, wide ? 4 : 2);
    }
    // Odd types are trap gates, which leave IF alone.
    InterruptDelivery.clearFlags(cpu, (Descriptor.type(gate) & 1) == 0);
    cpu.updateMode();
  }

  private static void checkGate(Cpu cpu, InterruptEvent event, long gate) {
    boolean isGate =
        !Descriptor.isSegment(gate)
            && switch (Descriptor.type(gate)) {
              case Descriptor.TYPE_TASK_GATE,
                  Descriptor.TYPE_INTERRUPT_GATE16,
                  Descriptor.TYPE_TRAP_GATE16,
                  Descriptor.TYPE_INTERRUPT_GATE32,
                  Descriptor.TYPE_TRAP_GATE32 ->
                  true;
              default -> false;
            };
    if (!isGate || event.software() && Descriptor.dpl(gate) < cpu.cpl) {
      throw cpu.fault(GuestFault.GP, event.gateErrorCode());
    }
    if (!Descriptor.isPresent(gate)) {
      throw cpu.fault(GuestFault.NP, event.gateErrorCode());
    }
  }

  private static long readTarget(Cpu cpu, int selector) {
    long code = CodeSegment.readTarget(cpu, selector);
    if (!Descriptor.isCode(code) || Descriptor.dpl(code) > cpu.cpl) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    CodeSegment.checkPresent(cpu, selector, code);
    return code;
  }

  private static void enterSame(
      Cpu cpu, InterruptEvent event, int selector, long code, long offset, int size) {
    StackPusher stack = StackPusher.current(cpu);
    pushReturn(cpu, event, stack, size);
    CodeSegment.checkOffset(cpu, code, offset);
    DescriptorTables.markAccessed(cpu, selector, code);
    stack.commitPointer();
    CodeSegment.load(cpu, selector, code, cpu.cpl);
    cpu.rip = offset;
  }

  private static void enterInner(
      Cpu cpu, InterruptEvent event, int selector, long code, long offset, int size) {
    int privilege = Descriptor.dpl(code);
    long pointer = TaskStateSegment.privilegeStack(cpu, privilege);
    int stackSelector = TaskStateSegment.privilegeStackSelector(cpu, privilege);
    long stackRaw = readInnerStack(cpu, stackSelector, privilege);

    StackPusher stack = StackPusher.inner(cpu, stackSelector, stackRaw, pointer);
    boolean fromVirtual8086 = cpu.isVirtual8086();
    if (fromVirtual8086) {
      stack.push(cpu.segments[Cpu.GS].selector, size);
      stack.push(cpu.segments[Cpu.FS].selector, size);
      stack.push(cpu.segments[Cpu.DS].selector, size);
      stack.push(cpu.segments[Cpu.ES].selector, size);
    }
    stack.push(cpu.segments[Cpu.SS].selector, size);
    stack.push(cpu.rsp, size);
    pushReturn(cpu, event, stack, size);
    CodeSegment.checkOffset(cpu, code, offset);
    DescriptorTables.markAccessed(cpu, selector, code);
    DescriptorTables.markAccessed(cpu, stackSelector, stackRaw);

    CodeSegment.load(cpu, selector, code, privilege);
    Descriptor.load(cpu.segments[Cpu.SS], stackSelector, stackRaw);
    stack.commitPointer();
    cpu.cpl = privilege;
    cpu.rip = offset;
    if (fromVirtual8086) {
      cpu.systemFlags &= ~Flags.VM;
      for (int register : new int[] {Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS}) {
        SegmentLoader.makeNull(cpu.segments[register], 0);
      }
    }
  }

  /** The stack segment that the TSS names for an inner level; its faults are #TS. */
  static long readInnerStack(Cpu cpu, int selector, int privilege) {
    if (DescriptorTables.isNull(selector)) {
      throw cpu.fault(GuestFault.TS, 0);
    }
    return SegmentLoader.readStack(cpu, selector, privilege, GuestFault.TS);
  }

  private static void pushReturn(Cpu cpu, InterruptEvent event, StackPusher stack, int size) {
    SegmentState cs = cpu.segments[Cpu.CS];
    stack.push(event.flags(), size);
    stack.push(cs.selector, size);
    stack.push(event.returnRip(), size);
    if (event.hasErrorCode()) {
      stack.push(event.errorCode(), size);
    }
  }
}
