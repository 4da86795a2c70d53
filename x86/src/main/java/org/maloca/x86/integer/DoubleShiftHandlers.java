package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * SHLD and SHRD (AMD APM vol. 3). 16-bit operands with a count above 16 are undefined; AMD's
 * silicon then shifts in the source a second time and clears CF. OF follows for every count the
 * rule that is defined for 1, but SHLD by the whole width of 16 bits makes it equal to CF.
 */
final class DoubleShiftHandlers {
  private DoubleShiftHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.SHLD, (cpu, insn) -> execute(cpu, insn, true));
    table.put(Operation.SHRD, (cpu, insn) -> execute(cpu, insn, false));
  }

  private static void execute(Cpu cpu, Insn insn, boolean left) {
    int size = insn.operandSize;
    int count = ShiftHandlers.count(cpu.read(insn, 2, 1), size);
    long b = cpu.read(insn, 1, size);
    long a;
    long result;
    if (insn.kind0 == OperandKind.MEMORY) {
      long address = cpu.linear(insn, size, true);
      a = cpu.mmu.loadForUpdate(address, size);
      result = left ? shiftLeft(a, b, count, size) : shiftRight(a, b, count, size);
      cpu.mmu.store(address, size, result);
    } else {
      a = cpu.read(insn, 0, size);
      result = left ? shiftLeft(a, b, count, size) : shiftRight(a, b, count, size);
      cpu.write(insn, 0, size, result);
    }
    if (count != 0) {
      int flags = left ? flagsOfLeft(a, result, count, size) : flagsOfRight(a, result, count, size);
      cpu.setLazyFlags(Flags.RESULT_AND_CARRIES, size, result, flags | Flags.AF);
    }
  }

  private static long shiftLeft(long a, long b, int count, int size) {
    return switch (size) {
      case 2 -> (a << 32 | b << 16 | b) >>> 32 - count & 0xffff;
      case 4 -> (a << 32 | b) >>> 32 - count;
      default -> count == 0 ? a : a << count | b >>> 64 - count;
    };
  }

  private static long shiftRight(long a, long b, int count, int size) {
    return switch (size) {
      case 2 -> (b << 32 | b << 16 | a) >>> count & 0xffff;
      case 4 -> (b << 32 | a) >>> count;
      default -> count == 0 ? a : a >>> count | b << 64 - count;
    };
  }

  private static int flagsOfLeft(long a, long result, int count, int size) {
    int bits = 8 * size;
    if (count > bits) {
      return 0;
    }
    int carry = (int) (a >>> bits - count) & 1;
    if (count == bits) {
      return carry | carry * Flags.OF;
    }
    return carry | ((int) (result >>> bits - 1) & 1 ^ carry) * Flags.OF;
  }

  private static int flagsOfRight(long a, long result, int count, int size) {
    int bits = 8 * size;
    int carry = count > bits ? 0 : (int) (a >>> count - 1) & 1;
    return carry | ((int) (result >>> bits - 1 ^ result >>> bits - 2) & 1) * Flags.OF;
  }
}
