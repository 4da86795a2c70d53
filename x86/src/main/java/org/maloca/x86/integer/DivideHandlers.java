package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * DIV and IDIV (AMD APM vol. 3). All flags are undefined; AMD's silicon keeps CF and OF, sets AF
 * and clears the rest.
 */
final class DivideHandlers {
  private DivideHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.DIV, DivideHandlers::div);
    table.put(Operation.IDIV, DivideHandlers::idiv);
  }

  private static void div(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long divisor = cpu.read(insn, 0, size);
    if (size == 8) {
      long low = cpu.rax;
      long quotient = Division.unsigned128(cpu, cpu.rdx, low, divisor);
      setResult(cpu, size, quotient, low - quotient * divisor);
    } else {
      long dividend = dividend(cpu, size);
      long quotient = Division.unsigned(cpu, dividend, divisor, size);
      setResult(cpu, size, quotient, dividend - quotient * divisor);
    }
    setFlags(cpu);
  }

  private static void idiv(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long divisor = Cpu.signExtend(cpu.read(insn, 0, size), size);
    if (size == 8) {
      long low = cpu.rax;
      long quotient = Division.signed128(cpu, cpu.rdx, low, divisor);
      setResult(cpu, size, quotient, low - quotient * divisor);
    } else {
      long dividend = dividend(cpu, size);
      dividend = size == 4 ? dividend : Cpu.signExtend(dividend, 2 * size);
      long quotient = Division.signed(cpu, dividend, divisor, size);
      setResult(cpu, size, quotient, dividend - quotient * divisor);
    }
    setFlags(cpu);
  }

  private static long dividend(Cpu cpu, int size) {
    return size == 1
        ? cpu.gpr(Cpu.RAX, 2)
        : cpu.gpr(Cpu.RDX, size) << 8 * size | cpu.gpr(Cpu.RAX, size);
  }

  private static void setResult(Cpu cpu, int size, long quotient, long remainder) {
    if (size == 1) {
      cpu.setGpr(Cpu.RAX, 2, remainder << 8 | quotient & 0xff);
    } else {
      cpu.setGpr(Cpu.RAX, size, quotient);
      cpu.setGpr(Cpu.RDX, size, remainder);
    }
  }

  private static void setFlags(Cpu cpu) {
    cpu.setArithmeticFlags(cpu.arithmeticFlags() & (Flags.CF | Flags.OF) | Flags.AF);
  }
}
