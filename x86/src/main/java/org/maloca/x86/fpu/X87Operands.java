package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.softfloat.CommonConversion;
import org.maloca.x86.softfloat.Float80;

/**
 * Begins arithmetic instructions and comparisons with an operand in memory: widens it to {@code
 * env.signExp} and {@code env.mantissa}, where the operation takes it from.
 */
public final class X87Operands {
  private X87Operands() {}

  /** A m32fp. */
  public static void float32(Cpu cpu, long va) {
    X87State x87 = X87Unit.begin(cpu);
    int bits = cpu.mmu.load32(va);
    if (!CommonConversion.fromFloat32(bits, x87.env)) {
      Float80.operandFromFloat32(
          bits, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), x87.env);
    }
  }

  /** A m64fp. */
  public static void float64(Cpu cpu, long va) {
    X87State x87 = X87Unit.begin(cpu);
    long bits = cpu.mmu.load64(va);
    if (!CommonConversion.fromFloat64(bits, x87.env)) {
      Float80.operandFromFloat64(
          bits, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0), x87.env);
    }
  }

  /** A m16int. */
  public static void int16(Cpu cpu, long va) {
    X87State x87 = X87Unit.begin(cpu);
    CommonConversion.fromInt((short) cpu.mmu.load16(va), x87.env);
  }

  /** A m32int. */
  public static void int32(Cpu cpu, long va) {
    X87State x87 = X87Unit.begin(cpu);
    CommonConversion.fromInt(cpu.mmu.load32(va), x87.env);
  }
}
