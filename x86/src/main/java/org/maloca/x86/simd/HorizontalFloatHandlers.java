package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Sums and differences across a register, and alternating ones (SSE3). */
final class HorizontalFloatHandlers {
  private HorizontalFloatHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.HADDPS, horizontal(Float32::add));
    table.put(Operation.HSUBPS, horizontal(Float32::sub));
    table.put(Operation.HADDPD, horizontal(Float64::add));
    table.put(Operation.HSUBPD, horizontal(Float64::sub));
    table.put(Operation.ADDSUBPS, HorizontalFloatHandlers::addsubps);
    table.put(Operation.ADDSUBPD, HorizontalFloatHandlers::addsubpd);
  }

  private static long join(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  private static InsnHandler horizontal(SingleOperation operation) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      FloatEnv env = cpu.sse;
      int sticky = FloatExceptions.begin(env);
      long low = join(across(operation, xmm[d], env), across(operation, xmm[d + 1], env));
      long high = join(across(operation, xmm[s], env), across(operation, xmm[s + 1], env));
      FloatExceptions.end(cpu, sticky);
      xmm[d] = low;
      xmm[d + 1] = high;
    };
  }

  private static int across(SingleOperation operation, long pair, FloatEnv env) {
    return operation.apply((int) pair, (int) (pair >>> 32), env);
  }

  private static InsnHandler horizontal(DoubleOperation operation) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      FloatEnv env = cpu.sse;
      int sticky = FloatExceptions.begin(env);
      long low = operation.apply(xmm[d], xmm[d + 1], env);
      long high = operation.apply(xmm[s], xmm[s + 1], env);
      FloatExceptions.end(cpu, sticky);
      xmm[d] = low;
      xmm[d + 1] = high;
    };
  }

  private static void addsubps(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long low = alternate(xmm[d], xmm[s], env);
    long high = alternate(xmm[d + 1], xmm[s + 1], env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  private static long alternate(long a, long b, FloatEnv env) {
    int difference = Float32.sub((int) a, (int) b, env);
    return join(difference, Float32.add((int) (a >>> 32), (int) (b >>> 32), env));
  }

  private static void addsubpd(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long low = Float64.sub(xmm[d], xmm[s], env);
    long high = Float64.add(xmm[d + 1], xmm[s + 1], env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }
}
