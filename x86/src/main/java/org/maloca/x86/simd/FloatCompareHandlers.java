package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Floating-point comparisons into masks and into flags. */
final class FloatCompareHandlers {
  private static final int LEGACY_PREDICATES = 7;
  private static final long HIGH_HALF = 0xffff_ffff_0000_0000L;

  private FloatCompareHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.CMPPS, FloatCompareHandlers::cmpps);
    table.put(Operation.CMPPD, FloatCompareHandlers::cmppd);
    table.put(Operation.CMPSS, FloatCompareHandlers::cmpss);
    table.put(Operation.CMPSD_XMM, FloatCompareHandlers::cmpsd);
    table.put(Operation.COMISS, FloatCompareHandlers::comiss);
    table.put(Operation.UCOMISS, FloatCompareHandlers::ucomiss);
    table.put(Operation.COMISD, FloatCompareHandlers::comisd);
    table.put(Operation.UCOMISD, FloatCompareHandlers::ucomisd);
  }

  private static int predicate(Insn insn) {
    return (int) insn.immediate & LEGACY_PREDICATES;
  }

  private static long single(int predicate, int a, int b, FloatEnv env) {
    return Float32.compare(predicate, a, b, env) ? 0xffff_ffffL : 0;
  }

  private static long singles(int predicate, long a, long b, FloatEnv env) {
    return single(predicate, (int) a, (int) b, env)
        | single(predicate, (int) (a >>> 32), (int) (b >>> 32), env) << 32;
  }

  private static void cmpps(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long low = singles(predicate(insn), xmm[d], xmm[s], env);
    long high = singles(predicate(insn), xmm[d + 1], xmm[s + 1], env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  private static void cmppd(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    boolean low = Float64.compare(predicate(insn), xmm[d], xmm[s], env);
    boolean high = Float64.compare(predicate(insn), xmm[d + 1], xmm[s + 1], env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low ? -1 : 0;
    xmm[d + 1] = high ? -1 : 0;
  }

  private static void cmpss(Cpu cpu, Insn insn) {
    int source = Sse.source32(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = single(predicate(insn), (int) cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = cpu.xmm[d] & HIGH_HALF | result;
  }

  private static void cmpsd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    boolean result = Float64.compare(predicate(insn), cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result ? -1 : 0;
  }

  private static void comiss(Cpu cpu, Insn insn) {
    int source = Sse.source32(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float32.compareSignaling((int) cpu.xmm[insn.register0 << 1], source, cpu.sse);
    complete(cpu, relation, sticky);
  }

  private static void ucomiss(Cpu cpu, Insn insn) {
    int source = Sse.source32(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float32.compareQuiet((int) cpu.xmm[insn.register0 << 1], source, cpu.sse);
    complete(cpu, relation, sticky);
  }

  private static void comisd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float64.compareSignaling(cpu.xmm[insn.register0 << 1], source, cpu.sse);
    complete(cpu, relation, sticky);
  }

  private static void ucomisd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    int relation = Float64.compareQuiet(cpu.xmm[insn.register0 << 1], source, cpu.sse);
    complete(cpu, relation, sticky);
  }

  private static void complete(Cpu cpu, int relation, int sticky) {
    FloatExceptions.end(cpu, sticky);
    cpu.setArithmeticFlags(
        switch (relation) {
          case -1 -> Flags.CF;
          case 0 -> Flags.ZF;
          case 1 -> 0;
          default -> Flags.ZF | Flags.PF | Flags.CF;
        });
  }
}
