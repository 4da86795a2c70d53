package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Far JMP, CALL and RET (AMD APM vol. 3; vol. 2, 4.7.3 and 4.11.2). */
final class FarTransferHandlers {
  private FarTransferHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.JMP_FAR, FarTransferHandlers::jump);
    table.put(Operation.CALL_FAR, FarTransferHandlers::call);
    table.put(Operation.RET_FAR, FarTransferHandlers::ret);
  }

  /** Selector and offset of the operand. */
  private record Target(int selector, long offset) {}

  private static Target target(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    if (insn.kind0 == OperandKind.FAR_POINTER) {
      return new Target(insn.immediate2 & 0xffff, Cpu.zeroExtend(insn.immediate, size));
    }
    long linear = cpu.linear(insn, size + 2, false);
    long offset = cpu.mmu.load(linear, size);
    return new Target((int) cpu.mmu.load(linear + size, 2), offset);
  }

  private static void jump(Cpu cpu, Insn insn) {
    Target target = target(cpu, insn);
    int selector = target.selector();
    if (CodeSegment.isPlain(cpu)) {
      CodeSegment.jumpReal(cpu, selector, target.offset());
      return;
    }
    long raw = CodeSegment.readTarget(cpu, selector);
    if (Descriptor.isSegment(raw)) {
      CodeSegment.checkDirect(cpu, selector, raw);
      CodeSegment.checkOffset(cpu, raw, target.offset());
      DescriptorTables.markAccessed(cpu, selector, raw);
      enter(cpu, selector, raw, target.offset());
      return;
    }
    switch (systemType(cpu, selector, raw)) {
      case Descriptor.TYPE_CALL_GATE16, Descriptor.TYPE_CALL_GATE32 ->
          CallGate.read(cpu, selector, raw).jump();
      case Descriptor.TYPE_TASK_GATE ->
          TaskSwitch.byJump(cpu, TaskSwitch.gateTarget(cpu, selector, raw), cpu.ripAfter(insn));
      case Descriptor.TYPE_TSS16_AVAILABLE, Descriptor.TYPE_TSS32_AVAILABLE -> {
        TaskSwitch.checkPrivilege(cpu, selector, raw);
        TaskSwitch.byJump(cpu, selector, cpu.ripAfter(insn));
      }
      default -> throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
  }

  private static void call(Cpu cpu, Insn insn) {
    Target target = target(cpu, insn);
    int selector = target.selector();
    if (CodeSegment.isPlain(cpu)) {
      callPlain(cpu, insn, target);
      return;
    }
    long raw = CodeSegment.readTarget(cpu, selector);
    if (Descriptor.isSegment(raw)) {
      callSegment(cpu, insn, target, raw);
      return;
    }
    switch (systemType(cpu, selector, raw)) {
      case Descriptor.TYPE_CALL_GATE16, Descriptor.TYPE_CALL_GATE32 ->
          CallGate.read(cpu, selector, raw).call(cpu.ripAfter(insn));
      case Descriptor.TYPE_TASK_GATE ->
          TaskSwitch.byCall(cpu, TaskSwitch.gateTarget(cpu, selector, raw), cpu.ripAfter(insn));
      case Descriptor.TYPE_TSS16_AVAILABLE, Descriptor.TYPE_TSS32_AVAILABLE -> {
        TaskSwitch.checkPrivilege(cpu, selector, raw);
        TaskSwitch.byCall(cpu, selector, cpu.ripAfter(insn));
      }
      default -> throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
  }

  /** The type of a system descriptor; long mode has 64-bit call gates only. */
  private static int systemType(Cpu cpu, int selector, long raw) {
    int type = Descriptor.type(raw);
    if (cpu.isLongMode() && type != Descriptor.TYPE_CALL_GATE32) {
      throw cpu.fault(GuestFault.GP, DescriptorTables.errorCode(selector));
    }
    return type;
  }

  private static void callPlain(Cpu cpu, Insn insn, Target target) {
    StackPusher stack = StackPusher.current(cpu);
    CodeSegment.checkRealOffset(cpu, target.offset());
    stack.push(cpu.segments[Cpu.CS].selector, insn.operandSize);
    stack.push(cpu.ripAfter(insn), insn.operandSize);
    stack.commitPointer();
    CodeSegment.jumpReal(cpu, target.selector(), target.offset());
  }

  private static void callSegment(Cpu cpu, Insn insn, Target target, long raw) {
    CodeSegment.checkDirect(cpu, target.selector(), raw);
    StackPusher stack = StackPusher.current(cpu);
    stack.push(cpu.segments[Cpu.CS].selector, insn.operandSize);
    stack.push(cpu.ripAfter(insn), insn.operandSize);
    CodeSegment.checkOffset(cpu, raw, target.offset());
    DescriptorTables.markAccessed(cpu, target.selector(), raw);
    stack.commitPointer();
    enter(cpu, target.selector(), raw, target.offset());
  }

  /** Goes on in a code segment at the current privilege level. */
  static void enter(Cpu cpu, int selector, long raw, long offset) {
    CodeSegment.load(cpu, selector, raw, cpu.cpl);
    cpu.rip = offset;
    cpu.updateMode();
  }

  private static void ret(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long released = insn.immediate & 0xffff;
    StackReader stack = new StackReader(cpu);
    long rip = stack.pop(size);
    int selector = (int) stack.pop(size) & 0xffff;
    stack.skip(released);
    if (CodeSegment.isPlain(cpu)) {
      CodeSegment.checkRealOffset(cpu, rip);
      stack.commit();
      CodeSegment.jumpReal(cpu, selector, rip);
      return;
    }
    long code = CodeSegment.readReturn(cpu, selector);
    int privilege = selector & 3;
    if (privilege == cpu.cpl) {
      CodeSegment.checkOffset(cpu, code, rip);
      DescriptorTables.markAccessed(cpu, selector, code);
      stack.commit();
      enter(cpu, selector, code, rip);
      return;
    }
    ReturnStack outer = ReturnStack.read(cpu, stack, size, code, privilege);
    CodeSegment.checkOffset(cpu, code, rip);
    DescriptorTables.markAccessed(cpu, selector, code);
    outer.load(released);
    cpu.cpl = privilege;
    enter(cpu, selector, code, rip);
    SegmentLoader.dropInnerSegments(cpu);
    cpu.updateMode();
  }
}
