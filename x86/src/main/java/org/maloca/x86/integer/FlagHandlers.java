package org.maloca.x86.integer;

import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Operation;

/** Instructions on single flags that need no privilege (AMD APM vol. 3). */
final class FlagHandlers {
  private FlagHandlers() {}

  static void register(HandlerTable table) {
    table.put(
        Operation.CLC, (cpu, insn) -> cpu.setArithmeticFlags(cpu.arithmeticFlags() & ~Flags.CF));
    table.put(
        Operation.STC, (cpu, insn) -> cpu.setArithmeticFlags(cpu.arithmeticFlags() | Flags.CF));
    table.put(
        Operation.CMC, (cpu, insn) -> cpu.setArithmeticFlags(cpu.arithmeticFlags() ^ Flags.CF));
    table.put(Operation.CLD, (cpu, insn) -> cpu.systemFlags &= ~Flags.DF);
    table.put(Operation.STD, (cpu, insn) -> cpu.systemFlags |= Flags.DF);
  }
}
