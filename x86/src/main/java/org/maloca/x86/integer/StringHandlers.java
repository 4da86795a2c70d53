package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * MOVS, STOS and LODS with and without REP (AMD APM vol. 3). Registers follow every step, so that a
 * fault or an event leaves an instruction that goes on where it stopped.
 */
final class StringHandlers {
  private StringHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MOVS, StringHandlers::movs);
    table.put(Operation.STOS, StringHandlers::stos);
    table.put(Operation.LODS, StringHandlers::lods);
    CompareStringHandlers.register(table);
  }

  private static void movs(Cpu cpu, Insn insn) {
    if (insn.repeat == Insn.REPEAT_NONE) {
      moveElement(cpu, insn);
      return;
    }
    long count = cpu.gpr(Cpu.RCX, insn.addressSize);
    while (count != 0) {
      int moved = BulkString.move(cpu, insn, count);
      if (moved == 0) {
        moveElement(cpu, insn);
        moved = 1;
      }
      count = countDown(cpu, insn, count, moved);
    }
  }

  private static void moveElement(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long value = cpu.mmu.load(source(cpu, insn), size);
    cpu.mmu.store(destination(cpu, insn, true), size, value);
    advance(cpu, insn, Cpu.RSI);
    advance(cpu, insn, Cpu.RDI);
  }

  private static void stos(Cpu cpu, Insn insn) {
    if (insn.repeat == Insn.REPEAT_NONE) {
      storeElement(cpu, insn);
      return;
    }
    long count = cpu.gpr(Cpu.RCX, insn.addressSize);
    while (count != 0) {
      int stored = BulkString.fill(cpu, insn, count);
      if (stored == 0) {
        storeElement(cpu, insn);
        stored = 1;
      }
      count = countDown(cpu, insn, count, stored);
    }
  }

  private static void storeElement(Cpu cpu, Insn insn) {
    cpu.mmu.store(destination(cpu, insn, true), insn.operandSize, cpu.rax);
    advance(cpu, insn, Cpu.RDI);
  }

  private static void lods(Cpu cpu, Insn insn) {
    if (insn.repeat == Insn.REPEAT_NONE) {
      loadElement(cpu, insn);
      return;
    }
    long count = cpu.gpr(Cpu.RCX, insn.addressSize);
    while (count != 0) {
      loadElement(cpu, insn);
      count = countDown(cpu, insn, count, 1);
    }
  }

  private static void loadElement(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    cpu.setGpr(Cpu.RAX, size, cpu.mmu.load(source(cpu, insn), size));
    advance(cpu, insn, Cpu.RSI);
  }

  /** Linear address of the element at rSI in the instruction's segment. */
  static long source(Cpu cpu, Insn insn) {
    long offset = cpu.gpr(Cpu.RSI, insn.addressSize);
    return cpu.linear(insn.segment, offset, insn.operandSize, false);
  }

  /** Linear address of the element at ES:rDI. */
  static long destination(Cpu cpu, Insn insn, boolean write) {
    long offset = cpu.gpr(Cpu.RDI, insn.addressSize);
    return cpu.linear(Cpu.ES, offset, insn.operandSize, write);
  }

  /** Moves an index register on by one element in the direction of DF. */
  static void advance(Cpu cpu, Insn insn, int register) {
    int step = cpu.directionDown() ? -insn.operandSize : insn.operandSize;
    cpu.setGpr(register, insn.addressSize, cpu.gpr(register) + step);
  }

  /** Takes steps off rCX; interrupts the instruction if events wait and steps remain. */
  private static long countDown(Cpu cpu, Insn insn, long count, int steps) {
    long left = count - steps;
    cpu.setGpr(Cpu.RCX, insn.addressSize, left);
    if (left != 0 && RepeatEvents.waiting(cpu)) {
      throw cpu.restart();
    }
    return left;
  }
}
