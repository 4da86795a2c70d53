package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** RDRAND and RDSEED (AMD APM vol. 3): the host's generator always has a number ready. */
final class RandomHandlers {
  private RandomHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.RDRAND, RandomHandlers::read);
    table.put(Operation.RDSEED, RandomHandlers::read);
  }

  private static void read(Cpu cpu, Insn insn) {
    cpu.setGpr(insn.register0, insn.operandSize, cpu.random.nextLong());
    cpu.setArithmeticFlags(Flags.CF);
  }
}
