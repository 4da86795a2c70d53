package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Loads and stores of segment registers and of the FS and GS bases (AMD APM vol. 3). */
final class SegmentHandlers {
  private SegmentHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOV_TO_SEG, SegmentHandlers::moveTo);
    table.put(Operation.POP_SEG, SegmentHandlers::pop);
    table.put(Operation.LOAD_FAR_POINTER, SegmentHandlers::loadFarPointer);
    table.put(
        Operation.MOV_FROM_SEG,
        (cpu, insn) -> cpu.write(insn, 0, cpu.segments[insn.register1].selector));
    table.put(
        Operation.PUSH_SEG,
        (cpu, insn) -> cpu.push(cpu.segments[insn.register0].selector, insn.operandSize));
    table.put(Operation.RDFSBASE, (cpu, insn) -> readBase(cpu, insn, Cpu.FS));
    table.put(Operation.RDGSBASE, (cpu, insn) -> readBase(cpu, insn, Cpu.GS));
    table.put(Operation.WRFSBASE, (cpu, insn) -> writeBase(cpu, insn, Cpu.FS));
    table.put(Operation.WRGSBASE, (cpu, insn) -> writeBase(cpu, insn, Cpu.GS));
    table.put(Operation.SWAPGS, SegmentHandlers::swapGs);
  }

  private static void moveTo(Cpu cpu, Insn insn) {
    SegmentLoader.load(cpu, insn.register0, (int) cpu.read(insn, 1, 2));
    finish(cpu, insn, insn.register0);
  }

  private static void pop(Cpu cpu, Insn insn) {
    StackReader stack = new StackReader(cpu);
    int selector = (int) stack.pop(insn.operandSize) & 0xffff;
    SegmentLoader.load(cpu, insn.register0, selector);
    stack.commit();
    finish(cpu, insn, insn.register0);
  }

  /** A new SS holds interrupts off for one instruction, which loads the pointer. */
  private static void finish(Cpu cpu, Insn insn, int register) {
    cpu.rip = cpu.ripAfter(insn);
    if (register == Cpu.SS) {
      cpu.interruptShadow = true;
    }
  }

  private static void loadFarPointer(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long linear = cpu.linear(insn, size + 2, false);
    long offset = cpu.mmu.load(linear, size);
    int selector = (int) cpu.mmu.load(linear + size, 2);
    SegmentLoader.load(cpu, insn.register2, selector);
    cpu.setGpr(insn.register0, size, offset);
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void checkBasesEnabled(Cpu cpu) {
    if ((cpu.cr4 & ControlRegisters.CR4_FSGSBASE) == 0) {
      throw cpu.undefinedOpcode();
    }
  }

  private static void readBase(Cpu cpu, Insn insn, int segment) {
    checkBasesEnabled(cpu);
    cpu.write(insn, 0, cpu.segments[segment].base);
  }

  private static void writeBase(Cpu cpu, Insn insn, int segment) {
    checkBasesEnabled(cpu);
    long base = cpu.read(insn, 0);
    if (!ControlRegisterRules.isCanonical(base)) {
      throw cpu.generalProtection();
    }
    cpu.segments[segment].base = base;
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void swapGs(Cpu cpu, Insn insn) {
    if (cpu.cpl != 0) {
      throw cpu.generalProtection();
    }
    cpu.swapGs();
    cpu.rip = cpu.ripAfter(insn);
  }
}
