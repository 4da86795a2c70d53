package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/**
 * DPPS and DPPD: the immediate's high half chooses the products that are added up, the low half the
 * elements that receive the sum. Each stage rounds and raises exceptions for itself.
 */
final class DotProductHandlers {
  private DotProductHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.DPPS, DotProductHandlers::dpps);
    table.put(Operation.DPPD, DotProductHandlers::dppd);
  }

  private static int product(boolean chosen, long a, long b, FloatEnv env) {
    return chosen ? Float32.mul((int) a, (int) b, env) : 0;
  }

  private static void dpps(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int control = (int) insn.immediate;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    int p0 = product((control & 0x10) != 0, xmm[d], xmm[s], env);
    int p1 = product((control & 0x20) != 0, xmm[d] >>> 32, xmm[s] >>> 32, env);
    int p2 = product((control & 0x40) != 0, xmm[d + 1], xmm[s + 1], env);
    int p3 = product((control & 0x80) != 0, xmm[d + 1] >>> 32, xmm[s + 1] >>> 32, env);
    sticky = FloatExceptions.next(cpu, sticky);
    int low = Float32.add(p0, p1, env);
    int high = Float32.add(p2, p3, env);
    sticky = FloatExceptions.next(cpu, sticky);
    long sum = (Float32.add(low, high, env) & 0xffff_ffffL) * 0x1_0000_0001L;
    FloatExceptions.end(cpu, sticky);
    xmm[d] = sum & Blend.dwordMask(control);
    xmm[d + 1] = sum & Blend.dwordMask(control >>> 2);
  }

  private static void dppd(Cpu cpu, Insn insn) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    int control = (int) insn.immediate;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long low = (control & 0x10) != 0 ? Float64.mul(xmm[d], xmm[s], env) : 0;
    long high = (control & 0x20) != 0 ? Float64.mul(xmm[d + 1], xmm[s + 1], env) : 0;
    sticky = FloatExceptions.next(cpu, sticky);
    long sum = Float64.add(low, high, env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = sum & Blend.qwordMask(control);
    xmm[d + 1] = sum & Blend.qwordMask(control >>> 1);
  }
}
