package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.mmu.HostAccess;
import org.maloca.x86.softfloat.CommonConversion;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;

/** FLD and FILD. */
public final class X87Loads {
  private X87Loads() {}

  /** FLD m32fp. */
  public static void float32(Cpu cpu, long va) {
    X87State x87 = X87Unit.check(cpu);
    int bits = cpu.mmu.load32(va);
    if (x87.isEmpty(7) && CommonConversion.fromFloat32(bits, x87.env)) {
      pushResult(x87);
    } else {
      X87Unit.clearRaised(x87);
      Float80.fromFloat32(bits, x87.env);
      pushUncommon(x87);
    }
  }

  /** FLD m64fp. */
  public static void float64(Cpu cpu, long va) {
    X87State x87 = X87Unit.check(cpu);
    long bits = cpu.mmu.load64(va);
    if (x87.isEmpty(7) && CommonConversion.fromFloat64(bits, x87.env)) {
      pushResult(x87);
    } else {
      X87Unit.clearRaised(x87);
      Float80.fromFloat64(bits, x87.env);
      pushUncommon(x87);
    }
  }

  /** FLD m80fp. */
  public static void extended(Cpu cpu, long va) {
    X87State x87 = X87Unit.check(cpu);
    long host = cpu.mmu.hostForLoad(va, 0, 10);
    long mantissa;
    int signExponent;
    if (host != 0) {
      mantissa = HostAccess.load64(host);
      signExponent = HostAccess.load16(host + 8);
    } else {
      mantissa = cpu.mmu.load64(va);
      signExponent = cpu.mmu.load16(X87Unit.second(cpu, va, 8));
    }
    X87Unit.setC1(x87, false);
    X87Unit.push(x87, signExponent, mantissa);
  }

  /** FILD m16int. */
  public static void int16(Cpu cpu, long va) {
    X87State x87 = X87Unit.check(cpu);
    CommonConversion.fromInt((short) cpu.mmu.load16(va), x87.env);
    pushResult(x87);
  }

  /** FILD m32int. */
  public static void int32(Cpu cpu, long va) {
    X87State x87 = X87Unit.check(cpu);
    CommonConversion.fromInt(cpu.mmu.load32(va), x87.env);
    pushResult(x87);
  }

  /** FILD m64int. */
  public static void int64(Cpu cpu, long va) {
    X87State x87 = X87Unit.check(cpu);
    CommonConversion.fromInt(cpu.mmu.load64(va), x87.env);
    pushResult(x87);
  }

  /** FLD ST(i). */
  public static void register(Cpu cpu, int i) {
    X87State x87 = X87Unit.check(cpu);
    X87Unit.setC1(x87, false);
    if (!x87.isEmpty(i)) {
      X87Unit.push(x87, X87Unit.signExponent(x87, i), X87Unit.mantissa(x87, i));
    } else if (X87Unit.stackFault(x87, false)) {
      x87.top = x87.top - 1 & 7;
      X87Unit.writeIndefinite(x87, 0);
    }
  }

  private static void pushResult(X87State x87) {
    X87Unit.setC1(x87, false);
    X87Unit.push(x87, x87.env.signExp, x87.env.mantissa);
  }

  private static void pushUncommon(X87State x87) {
    FloatEnv env = x87.env;
    if (!x87.isEmpty(7)) {
      X87Unit.push(x87, 0, 0);
      return;
    }
    env.roundedUp = false;
    boolean stopped = X87Unit.merge(x87);
    // A denormal is loaded though its exception is not masked.
    if (!stopped || (env.unmasked() & FloatEnv.IE) == 0) {
      X87Unit.push(x87, env.signExp, env.mantissa);
    }
  }
}
