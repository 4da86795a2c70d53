package org.maloca.x86.fpu;

import org.maloca.x86.Cpu;
import org.maloca.x86.mmu.HostAccess;
import org.maloca.x86.softfloat.CommonConversion;
import org.maloca.x86.softfloat.Float80;
import org.maloca.x86.softfloat.FloatEnv;
import org.maloca.x86.softfloat.NearestExtended;

/**
 * FST, FIST and FISTTP to memory. The store comes before anything else changes, since it may fault,
 * and since compiled code may have to give it to the interpreter.
 */
public final class X87Stores {
  private static final int FLOAT32_INDEFINITE = 0xffc0_0000;
  private static final long FLOAT64_INDEFINITE = 0xfff8_0000_0000_0000L;

  private X87Stores() {}

  /** FST m32fp. */
  public static void float32(Cpu cpu, long va, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int raised = NearestExtended.UNCOMMON;
    if (x87.roundsToNearest() && !x87.isEmpty(0)) {
      int top = x87.top;
      raised = CommonConversion.toFloat32(x87.signExponent[top], x87.mantissa[top], x87.env);
    }
    if (raised == NearestExtended.UNCOMMON) {
      exactly(cpu, va, 4, pops);
      return;
    }
    cpu.mmu.store32(va, (int) x87.env.mantissa);
    x87.raise(raised);
    x87.drop(pops);
  }

  /** FST m64fp. */
  public static void float64(Cpu cpu, long va, int pops) {
    X87State x87 = X87Unit.check(cpu);
    int raised = NearestExtended.UNCOMMON;
    if (x87.roundsToNearest() && !x87.isEmpty(0)) {
      int top = x87.top;
      raised = CommonConversion.toFloat64(x87.signExponent[top], x87.mantissa[top], x87.env);
    }
    if (raised == NearestExtended.UNCOMMON) {
      exactly(cpu, va, 8, pops);
      return;
    }
    cpu.mmu.store64(va, x87.env.mantissa);
    x87.raise(raised);
    x87.drop(pops);
  }

  private static void exactly(Cpu cpu, long va, int size, int pops) {
    X87State x87 = cpu.x87;
    X87Unit.clearRaised(x87);
    cpu.mmu.probeWrite(va, size);
    if (x87.isEmpty(0)) {
      if (X87Unit.stackFault(x87, false)) {
        cpu.mmu.store(va, size, size == 4 ? FLOAT32_INDEFINITE : FLOAT64_INDEFINITE);
        x87.drop(pops);
      }
      return;
    }
    int se = X87Unit.signExponent(x87, 0);
    long m = X87Unit.mantissa(x87, 0);
    long bits = size == 4 ? Float80.toFloat32(se, m, x87.env) : Float80.toFloat64(se, m, x87.env);
    boolean stopped = X87Unit.stopsStore(x87);
    if (!stopped) {
      cpu.mmu.store(va, size, bits);
    }
    boolean ignored = X87Unit.merge(x87);
    if (!stopped) {
      x87.drop(pops);
    }
  }

  /** FST m80fp. */
  public static void extended(Cpu cpu, long va, int pops) {
    X87State x87 = X87Unit.check(cpu);
    long host = x87.isEmpty(0) ? 0 : cpu.mmu.hostForStore(va, 0, 10);
    if (host == 0) {
      extendedCarefully(cpu, va, pops);
      return;
    }
    int top = x87.top;
    HostAccess.store64(host, x87.mantissa[top]);
    HostAccess.store16(host + 8, x87.signExponent[top]);
    X87Unit.setC1(x87, false);
    x87.drop(pops);
  }

  private static void extendedCarefully(Cpu cpu, long va, int pops) {
    X87State x87 = cpu.x87;
    cpu.mmu.probeWrite(va, 10);
    if (!x87.isEmpty(0)) {
      X87Unit.store80(cpu, va, X87Unit.signExponent(x87, 0), X87Unit.mantissa(x87, 0));
    } else if (X87Unit.stackFault(x87, false)) {
      X87Unit.store80(cpu, va, Float80.INDEFINITE_SIGN_EXP, Float80.INDEFINITE_MANTISSA);
    } else {
      return;
    }
    X87Unit.setC1(x87, false);
    x87.drop(pops);
  }

  /** FIST, rounding as the control word says. */
  public static void integer(Cpu cpu, long va, int size, int pops) {
    FloatEnv env = X87Unit.check(cpu).env;
    boolean nearest = env.rounding == FloatEnv.NEAREST_EVEN;
    if (nearest || env.rounding == FloatEnv.TOWARD_ZERO) {
      store(cpu, va, size, nearest, false, pops);
    } else {
      integerExactly(cpu, va, size, false, pops);
    }
  }

  /** FISTTP. */
  public static void truncated(Cpu cpu, long va, int size, int pops) {
    X87State ignored = X87Unit.check(cpu);
    store(cpu, va, size, false, true, pops);
  }

  private static void store(
      Cpu cpu, long va, int size, boolean nearest, boolean truncating, int pops) {
    X87State x87 = cpu.x87;
    int raised = NearestExtended.UNCOMMON;
    if (!x87.isEmpty(0)) {
      int top = x87.top;
      raised =
          CommonConversion.toInt(
              x87.signExponent[top], x87.mantissa[top], 8 * size, nearest, x87.env);
    }
    if (raised == NearestExtended.UNCOMMON) {
      integerExactly(cpu, va, size, truncating, pops);
      return;
    }
    cpu.mmu.store(va, size, x87.env.mantissa);
    x87.raise(raised);
    x87.drop(pops);
  }

  private static void integerExactly(Cpu cpu, long va, int size, boolean truncating, int pops) {
    X87State x87 = cpu.x87;
    X87Unit.clearRaised(x87);
    int bits = 8 * size;
    cpu.mmu.probeWrite(va, size);
    if (x87.isEmpty(0)) {
      if (X87Unit.stackFault(x87, false)) {
        cpu.mmu.store(va, size, 1L << bits - 1);
        x87.drop(pops);
      }
      return;
    }
    int signExponent = X87Unit.signExponent(x87, 0);
    long mantissa = X87Unit.mantissa(x87, 0);
    long value =
        truncating
            ? Float80.toIntTruncating(signExponent, mantissa, bits, x87.env)
            : Float80.toInt(signExponent, mantissa, bits, x87.env);
    boolean stopped = X87Unit.stopsStore(x87);
    if (!stopped) {
      cpu.mmu.store(va, size, value);
    }
    boolean ignored = X87Unit.merge(x87);
    if (!stopped) {
      x87.drop(pops);
    }
  }
}
