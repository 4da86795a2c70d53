package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.mmu.Mmu;

/**
 * BT, BTS, BTR and BTC (AMD APM vol. 3). With memory and a register, the register is a signed
 * offset into a string of bits. Only CF changes.
 */
final class BitTestHandler implements InsnHandler {
  private static final int TEST = 0;
  private static final int SET = 1;
  private static final int RESET = 2;
  private static final int COMPLEMENT = 3;

  private final int op;

  private BitTestHandler(int op) {
    this.op = op;
  }

  static void register(HandlerTable table) {
    table.put(Operation.BT, new BitTestHandler(TEST));
    table.put(Operation.BTS, new BitTestHandler(SET));
    table.put(Operation.BTR, new BitTestHandler(RESET));
    table.put(Operation.BTC, new BitTestHandler(COMPLEMENT));
  }

  @Override
  public void execute(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long position = cpu.read(insn, 1, size);
    int bit = (int) position & 8 * size - 1;
    long before;
    if (insn.kind0 == OperandKind.MEMORY) {
      long address = address(cpu, insn, size, position);
      if (op == TEST) {
        before = cpu.mmu.load(address, size);
      } else if (insn.lock) {
        before = updateAtomically(cpu.mmu, address, size, 1L << bit);
      } else {
        before = cpu.mmu.loadForUpdate(address, size);
        cpu.mmu.store(address, size, compute(before, 1L << bit));
      }
    } else {
      before = cpu.gpr(insn.register0, size);
      if (op != TEST) {
        cpu.setGpr(insn.register0, size, compute(before, 1L << bit));
      }
    }
    int carry = (int) (before >>> bit) & 1;
    cpu.setArithmeticFlags(cpu.arithmeticFlags() & ~Flags.CF | carry);
  }

  private long address(Cpu cpu, Insn insn, int size, long position) {
    boolean write = op != TEST;
    if (insn.kind1 == OperandKind.IMMEDIATE) {
      return cpu.linear(insn, size, write);
    }
    int log2Bits = 3 + Integer.numberOfTrailingZeros(size);
    long displacement = (Cpu.signExtend(position, size) >> log2Bits) * size;
    long offset = Cpu.zeroExtend(cpu.effectiveOffset(insn) + displacement, insn.addressSize);
    if (cpu.is64() && insn.segment >= Cpu.FS && offset << 16 >> 16 != offset) {
      // AMD's CPUs look at the offset of a bit string before they add the segment's base.
      throw cpu.generalProtection();
    }
    return cpu.linear(insn.segment, offset, size, write);
  }

  private long updateAtomically(Mmu mmu, long address, int size, long mask) {
    long expected = mmu.loadForUpdate(address, size);
    while (true) {
      long found = mmu.compareExchange(address, size, expected, compute(expected, mask));
      if (found == expected) {
        return found;
      }
      expected = found;
    }
  }

  private long compute(long value, long mask) {
    return switch (op) {
      case SET -> value | mask;
      case RESET -> value & ~mask;
      default -> value ^ mask;
    };
  }
}
