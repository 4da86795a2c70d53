package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * SHL, SHR and SAR (AMD APM vol. 3). A count of 0 leaves the flags alone. Of the undefined flags,
 * AMD sets AF, and OF follows for every count the rule that is defined for 1.
 */
final class ShiftHandler implements InsnHandler {
  static final int SHL = 0;
  static final int SHR = 1;
  static final int SAR = 2;

  private final int op;

  ShiftHandler(int op) {
    this.op = op;
  }

  @Override
  public void execute(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    int count = ShiftHandlers.count(cpu.read(insn, 1, 1), size);
    long a;
    long result;
    if (insn.kind0 == OperandKind.MEMORY) {
      long address = cpu.linear(insn, size, true);
      a = cpu.mmu.loadForUpdate(address, size);
      result = shift(a, count, size);
      cpu.mmu.store(address, size, result);
    } else {
      a = cpu.read(insn, 0, size);
      result = shift(a, count, size);
      cpu.write(insn, 0, size, result);
    }
    if (count != 0) {
      int flags = Flags.AF | carryAndOverflow(a, result, count, size);
      cpu.setLazyFlags(Flags.RESULT_AND_CARRIES, size, result, flags);
    }
  }

  private long shift(long a, int count, int size) {
    return switch (op) {
      case SHL -> a << count;
      case SHR -> a >>> count;
      default -> Cpu.signExtend(a, size) >> count;
    };
  }

  private int carryAndOverflow(long a, long result, int count, int size) {
    int bits = 8 * size;
    switch (op) {
      case SHL -> {
        int carry = (int) (size == 8 ? a >>> 64 - count : result >>> bits) & 1;
        return carry | ((int) (result >>> bits - 1) & 1 ^ carry) * Flags.OF;
      }
      case SHR -> {
        return (int) (a >>> count - 1) & 1 | (int) (result >>> bits - 2 & 1) * Flags.OF;
      }
      default -> {
        return (int) (Cpu.signExtend(a, size) >> count - 1) & 1;
      }
    }
  }
}
