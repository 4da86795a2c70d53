package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/** Delivery through the 16-byte gates of long mode (AMD APM vol. 2, 8.9). */
final class LongModeInterrupt {
  private static final int GATE_BYTES = 16;

  private LongModeInterrupt() {}

  static void deliver(Cpu cpu, InterruptEvent event) {
    long at = (long) event.vector() * GATE_BYTES;
    if (at + GATE_BYTES - 1 > (cpu.idtrLimit & 0xffff)) {
      throw cpu.fault(GuestFault.GP, event.gateErrorCode());
    }
    long gate = cpu.mmu.systemLoad(cpu.idtrBase + at, 8);
    checkGate(cpu, event, gate);
    long offset = Descriptor.gateOffset(gate) | cpu.mmu.systemLoad(cpu.idtrBase + at + 8, 8) << 32;

    int selector = Descriptor.gateSelector(gate);
    long code = readTarget(cpu, selector);
    boolean inner = !Descriptor.isConformingCode(code) && Descriptor.dpl(code) < cpu.cpl;
    int privilege = inner ? Descriptor.dpl(code) : cpu.cpl;
    int stackTable = (int) (gate >>> 32) & 7;

    long pointer = cpu.rsp;
    if (stackTable != 0) {
      pointer = TaskStateSegment.interruptStack(cpu, stackTable);
    } else if (inner) {
      pointer = TaskStateSegment.privilegeStack64(cpu, privilege);
    }
    StackPusher stack = StackPusher.flat64(cpu, privilege, pointer & ~0xfL);
    pushFrame(cpu, event, stack);
    if (!ControlRegisterRules.isCanonical(offset)) {
      throw cpu.generalProtection();
    }
    DescriptorTables.markAccessed(cpu, selector, code);

    CodeSegment.load(cpu, selector, code, privilege);
    if (inner) {
      SegmentLoader.makeNullStack(cpu, privilege, privilege);
      cpu.cpl = privilege;
    }
    cpu.rsp = stack.pointer;
    cpu.rip = offset;
    InterruptDelivery.clearFlags(cpu, Descriptor.type(gate) == Descriptor.TYPE_INTERRUPT_GATE32);
    cpu.updateMode();
  }

  private static void checkGate(Cpu cpu, InterruptEvent event, long gate) {
    int type = Descriptor.type(gate);
    boolean isGate =
        !Descriptor.isSegment(gate)
            && (type == Descriptor.TYPE_INTERRUPT_GATE32 || type == Descriptor.TYPE_TRAP_GATE32);
    if (!isGate || event.software() && Descriptor.dpl(gate) < cpu.cpl) {
      throw cpu.fault(GuestFault.GP, event.gateErrorCode());
    }
    if (!Descriptor.isPresent(gate)) {
      throw cpu.fault(GuestFault.NP, event.gateErrorCode());
    }
  }

  private static long readTarget(Cpu cpu, int selector) {
    long code = CodeSegment.readTarget(cpu, selector);
    if (!Descriptor.isCode(code)
        || Descriptor.dpl(code) > cpu.cpl
        || !Descriptor.isLong(code)
        || Descriptor.isBig(code)) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    CodeSegment.checkPresent(cpu, selector, code);
    return code;
  }

  private static void pushFrame(Cpu cpu, InterruptEvent event, StackPusher stack) {
    SegmentState ss = cpu.segments[Cpu.SS];
    stack.push(ss.selector, 8);
    stack.push(cpu.rsp, 8);
    stack.push(event.flags(), 8);
    stack.push(cpu.segments[Cpu.CS].selector, 8);
    stack.push(event.returnRip(), 8);
    if (event.hasErrorCode()) {
      stack.push(event.errorCode(), 8);
    }
  }
}
