package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** RDMSR and WRMSR (AMD APM vol. 3). */
final class MsrHandlers {
  private MsrHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.RDMSR, MsrHandlers::read);
    table.put(Operation.WRMSR, MsrHandlers::write);
  }

  private static void read(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    RegisterPair.set(cpu, Msrs.read(cpu, (int) cpu.rcx));
  }

  private static void write(Cpu cpu, Insn insn) {
    Privilege.requireKernel(cpu);
    long next = cpu.ripAfter(insn);
    Msrs.write(cpu, (int) cpu.rcx, RegisterPair.get(cpu));
    cpu.rip = next;
  }
}
