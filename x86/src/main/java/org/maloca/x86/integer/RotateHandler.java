package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;

/**
 * ROL, ROR, RCL and RCR (AMD APM vol. 3). They change CF and OF only, and those not when the count
 * (low 5 or 6 bits) is 0. On AMD, OF follows for every count the rule that is defined for 1.
 */
final class RotateHandler implements InsnHandler {
  static final int ROL = 0;
  static final int ROR = 1;
  static final int RCL = 2;
  static final int RCR = 3;

  private final int op;

  RotateHandler(int op) {
    this.op = op;
  }

  @Override
  public void execute(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    int count = ShiftHandlers.count(cpu.read(insn, 1, 1), size);
    int carry = op >= RCL && cpu.carryFlag() ? 1 : 0;
    long a;
    long result;
    if (insn.kind0 == OperandKind.MEMORY) {
      long address = cpu.linear(insn, size, true);
      a = cpu.mmu.loadForUpdate(address, size);
      result = rotate(a, count, size, carry);
      cpu.mmu.store(address, size, result);
    } else {
      a = cpu.read(insn, 0, size);
      result = rotate(a, count, size, carry);
      cpu.write(insn, 0, size, result);
    }
    if (count != 0) {
      int carryOut = carryOut(a, result, count, size, carry);
      int top = (int) (result >>> 8 * size - 1) & 1;
      int below = (int) (result >>> 8 * size - 2) & 1;
      int overflow = top ^ (op == ROL || op == RCL ? carryOut : below);
      int kept = cpu.arithmeticFlags() & ~(Flags.CF | Flags.OF);
      cpu.setArithmeticFlags(kept | carryOut | overflow * Flags.OF);
    }
  }

  private long rotate(long a, int count, int size, int carry) {
    int bits = 8 * size;
    return switch (op) {
      case ROL -> rotateLeft(a, count & bits - 1, bits);
      case ROR -> rotateLeft(a, -count & bits - 1, bits);
      case RCL -> rotateCarryLeft(a, count % (bits + 1), bits, carry);
      default -> rotateCarryLeft(a, (bits + 1 - count % (bits + 1)) % (bits + 1), bits, carry);
    };
  }

  private static long rotateLeft(long a, int count, int bits) {
    return bits == 64 ? Long.rotateLeft(a, count) : a << count | a >>> bits - count;
  }

  /** Rotates CF:a, of {@code bits + 1} bits, by 0 to {@code bits}. The carry out is not in it. */
  private static long rotateCarryLeft(long a, int count, int bits, int carry) {
    if (count == 0) {
      return a;
    }
    // Shifts by 64 in two steps: Java's would be one by 0.
    long left = a << count - 1 << 1 | (long) carry << count - 1;
    return left | a >>> 1 >>> bits - count;
  }

  private int carryOut(long a, long result, int count, int size, int carry) {
    int bits = 8 * size;
    switch (op) {
      case ROL -> {
        return (int) result & 1;
      }
      case ROR -> {
        return (int) (result >>> bits - 1) & 1;
      }
      case RCL -> {
        int effective = count % (bits + 1);
        return effective == 0 ? carry : (int) (a >>> bits - effective) & 1;
      }
      default -> {
        int effective = count % (bits + 1);
        return effective == 0 ? carry : (int) (a >>> effective - 1) & 1;
      }
    }
  }
}
