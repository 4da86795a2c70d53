package org.maloca.x86.system;

import org.maloca.core.cpu.SegmentState;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/** A far JMP or CALL through a 16-, 32- or 64-bit call gate (AMD APM vol. 2, 4.11.2). */
final class CallGate {
  private static final int MAX_PARAMETERS = 31;

  private final Cpu cpu;
  private final int size;
  private final int parameters;
  private final int selector;
  private final long offset;
  private final long code;

  private CallGate(Cpu cpu, int size, int parameters, int selector, long offset, long code) {
    this.cpu = cpu;
    this.size = size;
    this.parameters = parameters;
    this.selector = selector;
    this.offset = offset;
    this.code = code;
  }

  /** Checks a gate and the code segment behind it. */
  static CallGate read(Cpu cpu, int gateSelector, long gate) {
    int errorCode = DescriptorTables.errorCode(gateSelector);
    if (Descriptor.dpl(gate) < Math.max(cpu.cpl, gateSelector & 3)) {
      throw cpu.fault(GuestFault.GP, errorCode);
    }
    if (!Descriptor.isPresent(gate)) {
      throw cpu.fault(GuestFault.NP, errorCode);
    }
    int size = Descriptor.type(gate) == Descriptor.TYPE_CALL_GATE16 ? 2 : 4;
    long offset = size == 2 ? gate & 0xffff : Descriptor.gateOffset(gate);
    if (cpu.isLongMode()) {
      size = 8;
      offset |= DescriptorTables.readUpper(cpu, gateSelector, GuestFault.GP) << 32;
    }
    int selector = Descriptor.gateSelector(gate);
    long code = CodeSegment.readTarget(cpu, selector);
    boolean wrongWidth = cpu.isLongMode() && (!Descriptor.isLong(code) || Descriptor.isBig(code));
    if (!Descriptor.isCode(code) || Descriptor.dpl(code) > cpu.cpl || wrongWidth) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    CodeSegment.checkPresent(cpu, selector, code);
    int parameters = (int) (gate >>> 32) & MAX_PARAMETERS;
    return new CallGate(cpu, size, parameters, selector, offset, code);
  }

  private boolean isInner() {
    return !Descriptor.isConformingCode(code) && Descriptor.dpl(code) < cpu.cpl;
  }

  void jump() {
    if (isInner()) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    CodeSegment.checkOffset(cpu, code, offset);
    DescriptorTables.markAccessed(cpu, selector, code);
    FarTransferHandlers.enter(cpu, selector, code, offset);
  }

  void call(long returnRip) {
    if (!isInner()) {
      callSame(returnRip);
    } else if (cpu.isLongMode()) {
      callInner64(returnRip);
    } else {
      callInner(returnRip);
    }
  }

  private void callSame(long returnRip) {
    StackPusher stack =
        cpu.isLongMode() ? StackPusher.flat64(cpu, cpu.cpl, cpu.rsp) : StackPusher.current(cpu);
    pushReturn(stack, returnRip);
    CodeSegment.checkOffset(cpu, code, offset);
    DescriptorTables.markAccessed(cpu, selector, code);
    stack.commitPointer();
    FarTransferHandlers.enter(cpu, selector, code, offset);
  }

  private void callInner64(long returnRip) {
    int privilege = Descriptor.dpl(code);
    long pointer = TaskStateSegment.privilegeStack64(cpu, privilege);
    StackPusher stack = StackPusher.flat64(cpu, privilege, pointer);
    pushStack(stack);
    pushReturn(stack, returnRip);
    CodeSegment.checkOffset(cpu, code, offset);
    DescriptorTables.markAccessed(cpu, selector, code);
    SegmentLoader.makeNullStack(cpu, privilege, privilege);
    enterInner(stack, privilege);
  }

  private void callInner(long returnRip) {
    int privilege = Descriptor.dpl(code);
    long pointer = TaskStateSegment.privilegeStack(cpu, privilege);
    int stackSelector = TaskStateSegment.privilegeStackSelector(cpu, privilege);
    long stackRaw = ProtectedModeInterrupt.readInnerStack(cpu, stackSelector, privilege);
    StackPusher stack = StackPusher.inner(cpu, stackSelector, stackRaw, pointer);
    pushStack(stack);
    copyParameters(stack);
    pushReturn(stack, returnRip);
    CodeSegment.checkOffset(cpu, code, offset);
    DescriptorTables.markAccessed(cpu, selector, code);
    DescriptorTables.markAccessed(cpu, stackSelector, stackRaw);
    Descriptor.load(cpu.segments[Cpu.SS], stackSelector, stackRaw);
    enterInner(stack, privilege);
  }

  private void enterInner(StackPusher stack, int privilege) {
    stack.commitPointer();
    cpu.cpl = privilege;
    FarTransferHandlers.enter(cpu, selector, code, offset);
  }

  private void copyParameters(StackPusher stack) {
    int width = cpu.stackAddressSize();
    for (int i = parameters - 1; i >= 0; i--) {
      long from = Cpu.zeroExtend(cpu.rsp + (long) i * size, width);
      stack.push(cpu.mmu.load(cpu.stackLinear(from, size, false), size), size);
    }
  }

  private void pushStack(StackPusher stack) {
    SegmentState ss = cpu.segments[Cpu.SS];
    stack.push(ss.selector, size);
    stack.push(cpu.rsp, size);
  }

  private void pushReturn(StackPusher stack, long returnRip) {
    stack.push(cpu.segments[Cpu.CS].selector, size);
    stack.push(returnRip, size);
  }
}
