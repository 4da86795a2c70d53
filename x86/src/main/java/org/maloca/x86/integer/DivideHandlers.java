package org.maloca.x86.integer;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
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
      divide128(cpu, cpu.r[Cpu.RDX], cpu.r[Cpu.RAX], divisor);
    } else {
      long dividend = dividend(cpu, size);
      // Also catches division by zero.
      if (Long.compareUnsigned(dividend >>> 8 * size, divisor) >= 0) {
        throw cpu.fault(GuestFault.DE, 0);
      }
      long quotient = Long.divideUnsigned(dividend, divisor);
      setResult(cpu, size, quotient, dividend - quotient * divisor);
    }
    setFlags(cpu);
  }

  private static void idiv(Cpu cpu, Insn insn) {
    int size = insn.operandSize;
    long divisor = Cpu.signExtend(cpu.read(insn, 0, size), size);
    if (size == 8) {
      divideSigned128(cpu, cpu.r[Cpu.RDX], cpu.r[Cpu.RAX], divisor);
    } else {
      long dividend = dividend(cpu, size);
      dividend = size == 4 ? dividend : Cpu.signExtend(dividend, 2 * size);
      // The one quotient that does not fit a long comes of -2^63 / -1.
      if (divisor == 0 || divisor == -1 && dividend == Long.MIN_VALUE) {
        throw cpu.fault(GuestFault.DE, 0);
      }
      long quotient = dividend / divisor;
      if (quotient != Cpu.signExtend(quotient, size)) {
        throw cpu.fault(GuestFault.DE, 0);
      }
      setResult(cpu, size, quotient, dividend - quotient * divisor);
    }
    setFlags(cpu);
  }

  private static void divide128(Cpu cpu, long high, long low, long divisor) {
    if (Long.compareUnsigned(high, divisor) >= 0) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    long quotient = WideDivision.quotient(high, low, divisor);
    cpu.r[Cpu.RAX] = quotient;
    cpu.r[Cpu.RDX] = low - quotient * divisor;
  }

  private static void divideSigned128(Cpu cpu, long high, long low, long divisor) {
    boolean negative = high < 0;
    long magnitudeLow = negative ? -low : low;
    long magnitudeHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
    long magnitudeDivisor = Math.abs(divisor);
    if (Long.compareUnsigned(magnitudeHigh, magnitudeDivisor) >= 0) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    long magnitude = WideDivision.quotient(magnitudeHigh, magnitudeLow, magnitudeDivisor);
    boolean negativeQuotient = negative != divisor < 0;
    long quotient = negativeQuotient ? -magnitude : magnitude;
    if (quotient != 0 && quotient < 0 != negativeQuotient) {
      throw cpu.fault(GuestFault.DE, 0);
    }
    cpu.r[Cpu.RAX] = quotient;
    cpu.r[Cpu.RDX] = low - quotient * divisor;
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
