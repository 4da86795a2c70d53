package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** Instructions that 64-bit code has no more: BOUND, ARPL (AMD APM vol. 3), and SALC. */
final class LegacyHandlers {
  private static final int RPL = 3;

  private LegacyHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.BOUND, LegacyHandlers::bound);
    table.put(Operation.ARPL, LegacyHandlers::arpl);
    table.put(Operation.SALC, (cpu, insn) -> cpu.setGpr(Cpu.RAX, 1, cpu.carryFlag() ? 0xff : 0));
  }

  private static void bound(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long index = Cpu.signExtend(cpu.read(insn, 0, size), size);
    long address = cpu.linear(insn, 2 * size, false);
    long lower = Cpu.signExtend(cpu.mmu.load(address, size), size);
    long upper = Cpu.signExtend(cpu.mmu.load(address + size & 0xffff_ffffL, size), size);
    if (index < lower || index > upper) {
      throw cpu.fault(GuestFault.BR, 0);
    }
  }

  private static void arpl(Cpu cpu, Insn insn) {
    long destination = cpu.read(insn, 0, 2);
    long source = cpu.read(insn, 1, 2);
    boolean raised = (destination & RPL) < (source & RPL);
    if (raised) {
      cpu.write(insn, 0, 2, destination & ~RPL | source & RPL);
    }
    cpu.setArithmeticFlags(cpu.arithmeticFlags() & ~Flags.ZF | (raised ? Flags.ZF : 0));
  }
}
