package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * CMPS and SCAS with and without REPE or REPNE (AMD APM vol. 3). A fault in a repeated one leaves
 * the flags of the last comparison, as on AMD's CPUs; Intel's restore those from before the
 * instruction (Intel SDM vol. 2, REP).
 */
final class CompareStringHandlers {
  private CompareStringHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.CMPS, (cpu, insn) -> execute(cpu, insn, true));
    table.put(Operation.SCAS, (cpu, insn) -> execute(cpu, insn, false));
  }

  private static void execute(Cpu cpu, Insn insn, boolean twoStrings) {
    int size = insn.operandSize;
    boolean repeated = insn.repeat != Insn.REPEAT_NONE;
    boolean whileEqual = insn.repeat == Insn.REPEAT_EQUAL;
    long left = repeated ? cpu.gpr(Cpu.RCX, insn.addressSize) : 1;
    if (left == 0) {
      return;
    }
    long a;
    long b;
    boolean goesOn;
    boolean stopped = false;
    do {
      a =
          twoStrings
              ? cpu.mmu.load(StringHandlers.source(cpu, insn), size)
              : cpu.gpr(Cpu.RAX, size);
      b = cpu.mmu.load(StringHandlers.destination(cpu, insn, false), size);
      if (twoStrings) {
        StringHandlers.advance(cpu, insn, Cpu.RSI);
      }
      StringHandlers.advance(cpu, insn, Cpu.RDI);
      left--;
      goesOn = left != 0 && (a == b) == whileEqual;
      cpu.setLazyFlags(Flags.SUB, size, a - b, b);
      if (repeated) {
        cpu.setGpr(Cpu.RCX, insn.addressSize, left);
        stopped = goesOn && RepeatEvents.waiting(cpu);
      }
    } while (goesOn && !stopped);
    if (stopped) {
      throw cpu.restart();
    }
  }
}
