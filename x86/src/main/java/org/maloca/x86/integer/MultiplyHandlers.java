package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * MUL, IMUL and MULX (AMD APM vol. 3). SF, ZF, AF and PF are undefined and, as on AMD, keep their
 * values.
 */
final class MultiplyHandlers {
  private MultiplyHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.MUL, MultiplyHandlers::mul);
    table.put(Operation.IMUL_WIDE, MultiplyHandlers::imulWide);
    table.put(Operation.IMUL, MultiplyHandlers::imul);
    table.put(Operation.MULX, MultiplyHandlers::mulx);
  }

  private static void mul(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long a = cpu.gpr(Cpu.RAX, size);
    long b = cpu.read(insn, 0, size);
    long low = a * b;
    long high = size == 8 ? Math.unsignedMultiplyHigh(a, b) : low >>> 8 * size;
    setProduct(cpu, size, low, high);
    setOverflow(cpu, high != 0);
  }

  private static void imulWide(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long a = Cpu.signExtend(cpu.gpr(Cpu.RAX, size), size);
    long b = Cpu.signExtend(cpu.read(insn, 0, size), size);
    long low = a * b;
    long high = size == 8 ? Math.multiplyHigh(a, b) : low >> 8 * size;
    setProduct(cpu, size, low, high);
    setOverflow(cpu, overflows(size, low, high));
  }

  private static void imul(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    int first = insn.kind2 == OperandKind.NONE ? 0 : 1;
    long a = Cpu.signExtend(cpu.read(insn, first, size), size);
    long b = Cpu.signExtend(cpu.read(insn, first + 1, size), size);
    long low = a * b;
    long high = size == 8 ? Math.multiplyHigh(a, b) : 0;
    cpu.write(insn, 0, size, low);
    setOverflow(cpu, overflows(size, low, high));
  }

  private static void mulx(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long a = cpu.gpr(Cpu.RDX, size);
    long b = cpu.read(insn, 2, size);
    long low = a * b;
    long high = size == 8 ? Math.unsignedMultiplyHigh(a, b) : low >>> 32;
    cpu.write(insn, 1, size, low);
    // The high half comes last: it is what remains when both destinations are one register.
    cpu.write(insn, 0, size, high);
  }

  private static boolean overflows(int size, long low, long high) {
    return size == 8 ? high != low >> 63 : low != Cpu.signExtend(low, size);
  }

  private static void setProduct(Cpu cpu, int size, long low, long high) {
    if (size == 1) {
      cpu.setGpr(Cpu.RAX, 2, low);
    } else {
      cpu.setGpr(Cpu.RAX, size, low);
      cpu.setGpr(Cpu.RDX, size, high);
    }
  }

  private static void setOverflow(Cpu cpu, boolean overflow) {
    int kept = cpu.arithmeticFlags() & ~(Flags.CF | Flags.OF);
    cpu.setArithmeticFlags(overflow ? kept | Flags.CF | Flags.OF : kept);
  }
}
