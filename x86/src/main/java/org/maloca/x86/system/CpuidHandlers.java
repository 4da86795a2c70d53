package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** CPUID (AMD APM vol. 3, appendix E). */
final class CpuidHandlers {
  private CpuidHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.CPUID, CpuidHandlers::execute);
  }

  private static void execute(Cpu cpu, Insn insn) {
    int leaf = (int) cpu.rax;
    int subleaf = (int) cpu.rcx;
    CpuidResult result =
        switch (leaf >>> 28) {
          case 0 -> BasicCpuid.leaf(cpu, leaf, subleaf);
          case 4 -> HypervisorCpuid.leaf(cpu, leaf);
          case 8 -> ExtendedCpuid.leaf(cpu, leaf, subleaf);
          default -> CpuidResult.ZERO;
        };
    cpu.rax = result.eax() & 0xffff_ffffL;
    cpu.rbx = result.ebx() & 0xffff_ffffL;
    cpu.rcx = result.ecx() & 0xffff_ffffL;
    cpu.rdx = result.edx() & 0xffff_ffffL;
  }
}
