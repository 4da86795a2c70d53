package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.mmu.Mmu;

/** INC, DEC, NEG and NOT. */
final class UnaryHandler implements InsnHandler {
  static final int INC = 0;
  static final int DEC = 1;
  static final int NEG = 2;
  static final int NOT = 3;

  private final int op;

  UnaryHandler(int op) {
    this.op = op;
  }

  @Override
  public void execute(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long result;
    if (insn.kind0 == OperandKind.MEMORY) {
      long address = cpu.linear(insn, size, true);
      result =
          insn.lock ? updateAtomically(cpu.mmu, address, size) : update(cpu.mmu, address, size);
    } else {
      result = compute(cpu.read(insn, 0, size));
      cpu.write(insn, 0, size, result);
    }
    setFlags(cpu, size, result);
  }

  private long update(Mmu mmu, long address, int size) {
    long result = compute(mmu.loadForUpdate(address, size));
    mmu.store(address, size, result);
    return result;
  }

  private long updateAtomically(Mmu mmu, long address, int size) {
    long expected = mmu.loadForUpdate(address, size);
    while (true) {
      long result = compute(expected);
      long found = mmu.compareExchange(address, size, expected, result);
      if (found == expected) {
        return result;
      }
      expected = found;
    }
  }

  private long compute(long a) {
    return switch (op) {
      case INC -> a + 1;
      case DEC -> a - 1;
      case NEG -> -a;
      default -> ~a;
    };
  }

  private void setFlags(Cpu cpu, int size, long result) {
    switch (op) {
      case INC -> cpu.setLazyFlags(Flags.INC, size, result, cpu.carryFlag() ? 1 : 0);
      case DEC -> cpu.setLazyFlags(Flags.DEC, size, result, cpu.carryFlag() ? 1 : 0);
      case NEG -> cpu.setLazyFlags(Flags.SUB, size, result, -result);
      default -> {}
    }
  }
}
