package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.mmu.Mmu;

/** destination = destination op source, with all flags. */
final class BinaryHandler implements InsnHandler {
  // In the order of bits 3-5 of their opcodes.
  static final int ADD = 0;
  static final int OR = 1;
  static final int ADC = 2;
  static final int SBB = 3;
  static final int AND = 4;
  static final int SUB = 5;
  static final int XOR = 6;

  private final int op;

  BinaryHandler(int op) {
    this.op = op;
  }

  @Override
  public void execute(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long b = cpu.read(insn, 1, size);
    int carry = (op == ADC || op == SBB) && cpu.carryFlag() ? 1 : 0;
    long result;
    if (insn.kind0 == OperandKind.MEMORY) {
      long address = cpu.linear(insn, size, true);
      result =
          insn.lock
              ? updateAtomically(cpu.mmu, address, size, b, carry)
              : update(cpu.mmu, address, size, b, carry);
    } else {
      result = compute(cpu.read(insn, 0, size), b, carry);
      cpu.write(insn, 0, size, result);
    }
    cpu.setLazyFlags(flagKind(carry), size, result, b);
  }

  private long update(Mmu mmu, long address, int size, long b, int carry) {
    long result = compute(mmu.loadForUpdate(address, size), b, carry);
    mmu.store(address, size, result);
    return result;
  }

  private long updateAtomically(Mmu mmu, long address, int size, long b, int carry) {
    long expected = mmu.loadForUpdate(address, size);
    while (true) {
      long result = compute(expected, b, carry);
      long found = mmu.compareExchange(address, size, expected, result);
      if (found == expected) {
        return result;
      }
      expected = found;
    }
  }

  private long compute(long a, long b, int carry) {
    return switch (op) {
      case ADD, ADC -> a + b + carry;
      case SUB, SBB -> a - b - carry;
      case OR -> a | b;
      case AND -> a & b;
      default -> a ^ b;
    };
  }

  private int flagKind(int carry) {
    return switch (op) {
      case ADD, ADC -> carry == 0 ? Flags.ADD : Flags.ADD_CARRY;
      case SUB, SBB -> carry == 0 ? Flags.SUB : Flags.SUB_BORROW;
      default -> Flags.LOGIC;
    };
  }
}
