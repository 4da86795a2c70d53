package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** x87 control instructions, and EMMS. */
final class X87ControlHandlers {
  private X87ControlHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.FNOP, (cpu, insn) -> X87Unit.begin(cpu));
    table.put(Operation.FFREE, (cpu, insn) -> free(cpu, insn, 0));
    table.put(Operation.FFREEP, (cpu, insn) -> free(cpu, insn, 1));
    table.put(Operation.FDECSTP, (cpu, insn) -> rotate(cpu, insn, -1));
    table.put(Operation.FINCSTP, (cpu, insn) -> rotate(cpu, insn, 1));
    table.put(Operation.FNINIT, X87ControlHandlers::initialize);
    table.put(Operation.FNCLEX, X87ControlHandlers::clearExceptions);
    table.put(Operation.FWAIT, (cpu, insn) -> X87Unit.await(cpu));
    table.put(Operation.FLDCW, X87ControlHandlers::loadControl);
    table.put(Operation.FNSTCW, X87ControlHandlers::storeControl);
    table.put(Operation.FNSTSW, X87ControlHandlers::storeStatus);
    table.put(Operation.EMMS, X87ControlHandlers::emptyMmx);
  }

  private static void free(Cpu cpu, Insn insn, int pops) {
    X87State x87 = X87Unit.begin(cpu);
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    x87.emptyMask |= 1 << x87.physical(insn.register0);
    X87Unit.pop(x87, pops);
  }

  private static void rotate(Cpu cpu, Insn insn, int by) {
    X87State x87 = X87Unit.begin(cpu);
    X87Unit.note(cpu, insn);
    X87Unit.setC1(x87, false);
    x87.top = x87.top + by & 7;
  }

  private static void initialize(Cpu cpu, Insn insn) {
    cpu.x87.checkAvailable(cpu);
    cpu.x87.initialize();
  }

  private static void clearExceptions(Cpu cpu, Insn insn) {
    cpu.x87.checkAvailable(cpu);
    cpu.x87.status &= ~(0x3f | X87State.STACK_FAULT | X87State.ERROR_SUMMARY | X87State.BUSY);
  }

  private static void loadControl(Cpu cpu, Insn insn) {
    X87State x87 = X87Unit.begin(cpu);
    x87.setControl(cpu.mmu.load16(cpu.linear(insn, 2, false)));
  }

  private static void storeControl(Cpu cpu, Insn insn) {
    cpu.x87.checkAvailable(cpu);
    cpu.mmu.store16(cpu.linear(insn, 2, true), cpu.x87.control);
  }

  private static void storeStatus(Cpu cpu, Insn insn) {
    cpu.x87.checkAvailable(cpu);
    int word = cpu.x87.statusWord();
    if (insn.kind0 == OperandKind.GPR) {
      cpu.setGpr(Cpu.RAX, 2, word);
    } else {
      cpu.mmu.store16(cpu.linear(insn, 2, true), word);
    }
  }

  private static void emptyMmx(Cpu cpu, Insn insn) {
    cpu.x87.checkMmxUsable(cpu);
    cpu.x87.emptyMask = 0xff;
    cpu.x87.top = 0;
  }
}
