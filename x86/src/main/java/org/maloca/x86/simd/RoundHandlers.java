package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Rounding to an integral value (SSE4.1). */
final class RoundHandlers {
  /** Round as MXCSR says, not as the immediate does. */
  private static final int USE_MXCSR = 1 << 2;

  private static final int SUPPRESS_PRECISION = 1 << 3;
  private static final long HIGH_HALF = 0xffff_ffff_0000_0000L;

  private RoundHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.ROUNDPS, RoundHandlers::roundps);
    table.put(Operation.ROUNDPD, RoundHandlers::roundpd);
    table.put(Operation.ROUNDSS, RoundHandlers::roundss);
    table.put(Operation.ROUNDSD, RoundHandlers::roundsd);
  }

  private static int rounding(Insn insn, FloatEnv env) {
    return (insn.immediate & USE_MXCSR) != 0 ? env.rounding : (int) insn.immediate & 3;
  }

  private static int asSingle(Insn insn, long a, FloatEnv env) {
    boolean suppress = (insn.immediate & SUPPRESS_PRECISION) != 0;
    return Float32.roundToIntegral((int) a, rounding(insn, env), suppress, env);
  }

  private static long asSingles(Insn insn, long a, FloatEnv env) {
    int low = asSingle(insn, a, env);
    return low & ~HIGH_HALF | (long) asSingle(insn, a >>> 32, env) << 32;
  }

  private static long asDouble(Insn insn, long a, FloatEnv env) {
    boolean suppress = (insn.immediate & SUPPRESS_PRECISION) != 0;
    return Float64.roundToIntegral(a, rounding(insn, env), suppress, env);
  }

  private static void roundps(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int sticky = FloatExceptions.begin(cpu.sse);
    long low = asSingles(insn, xmm[s], cpu.sse);
    long high = asSingles(insn, xmm[s + 1], cpu.sse);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  private static void roundpd(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int sticky = FloatExceptions.begin(cpu.sse);
    long low = asDouble(insn, xmm[s], cpu.sse);
    long high = asDouble(insn, xmm[s + 1], cpu.sse);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  private static void roundss(Cpu cpu, Insn insn) {
    int source = Sse.source32(cpu, insn);
    int d = insn.register0 << 1;
    int sticky = FloatExceptions.begin(cpu.sse);
    int result = asSingle(insn, source, cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = cpu.xmm[d] & HIGH_HALF | result & ~HIGH_HALF;
  }

  private static void roundsd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    long result = asDouble(insn, source, cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[insn.register0 << 1] = result;
  }
}
