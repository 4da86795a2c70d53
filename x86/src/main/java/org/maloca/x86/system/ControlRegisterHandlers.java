package org.maloca.x86.system;

import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** MOV to and from control registers, LMSW, SMSW, CLTS, XGETBV and XSETBV (AMD APM vol. 3). */
final class ControlRegisterHandlers {
  private static final long MACHINE_STATUS_WORD = 0xf;
  private static final long XCR0_X87 = 1;
  private static final long XCR0_SSE = 2;

  private ControlRegisterHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOV_TO_CR, ControlRegisterHandlers::write);
    table.put(Operation.MOV_FROM_CR, ControlRegisterHandlers::read);
    table.put(Operation.LMSW, ControlRegisterHandlers::loadStatusWord);
    table.put(Operation.SMSW, ControlRegisterHandlers::storeStatusWord);
    table.put(Operation.CLTS, ControlRegisterHandlers::clearTaskSwitched);
    table.put(Operation.XGETBV, ControlRegisterHandlers::xgetbv);
    table.put(Operation.XSETBV, ControlRegisterHandlers::xsetbv);
  }

  private static void write(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long next = cpu.ripAfter(insn);
    long value = cpu.gpr(insn.register1, insn.operandSize);
    switch (insn.register0) {
      case 0 -> ControlRegisterRules.writeCr0(cpu, value);
      case 2 -> cpu.cr2 = value;
      case 3 -> ControlRegisterRules.writeCr3(cpu, value);
      case 4 -> ControlRegisterRules.writeCr4(cpu, value);
      case 8 -> {
        if (value >>> 4 != 0) {
          throw cpu.generalProtection();
        }
        cpu.bus.setTaskPriority((int) value);
      }
      default -> throw cpu.undefinedOpcode();
    }
    cpu.rip = next;
  }

  private static void read(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long value =
        switch (insn.register1) {
          case 0 -> cpu.cr0;
          case 2 -> cpu.cr2;
          case 3 -> cpu.cr3;
          case 4 -> cpu.cr4;
          case 8 -> cpu.bus.taskPriority();
          default -> throw cpu.undefinedOpcode();
        };
    cpu.setGpr(insn.register0, insn.operandSize, value);
  }

  private static void loadStatusWord(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long value = cpu.read(insn, 0, 2) & MACHINE_STATUS_WORD;
    long next = cpu.ripAfter(insn);
    // PE can be set this way but not cleared.
    long kept = cpu.cr0 & ~MACHINE_STATUS_WORD | cpu.cr0 & ControlRegisters.CR0_PE;
    ControlRegisterRules.writeCr0(cpu, kept | value);
    cpu.rip = next;
  }

  private static void storeStatusWord(Cpu cpu, Insn insn) {
    Privilege.checkUserModePrevention(cpu);
    cpu.write(insn, 0, cpu.cr0);
  }

  private static void clearTaskSwitched(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    cpu.cr0 &= ~ControlRegisters.CR0_TS;
    cpu.updateMode();
    cpu.rip = cpu.ripAfter(insn);
  }

  private static void checkXcr(Cpu cpu) {
    if ((cpu.cr4 & ControlRegisters.CR4_OSXSAVE) == 0) {
      throw cpu.undefinedOpcode();
    }
  }

  private static void xgetbv(Cpu cpu, Insn insn) {
    checkXcr(cpu);
    if ((int) cpu.rcx != 0) {
      throw cpu.generalProtection();
    }
    RegisterPair.set(cpu, cpu.xcr0);
  }

  private static void xsetbv(Cpu cpu, Insn insn) {
    checkXcr(cpu);
    Privilege.requireKernel(cpu);
    long value = RegisterPair.get(cpu);
    boolean known = (value & ~(XCR0_X87 | XCR0_SSE)) == 0 && (value & XCR0_X87) != 0;
    if ((int) cpu.rcx != 0 || !known) {
      throw cpu.generalProtection();
    }
    cpu.xcr0 = value;
    cpu.rip = cpu.ripAfter(insn);
  }
}
