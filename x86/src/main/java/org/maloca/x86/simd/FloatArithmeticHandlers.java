package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Packed and scalar floating-point arithmetic, element by element. */
final class FloatArithmeticHandlers {
  private static final long HIGH_HALF = 0xffff_ffff_0000_0000L;

  private FloatArithmeticHandlers() {}

  static void register(HandlerTable table) {
    registerSingles(table);
    registerDoubles(table);
    table.put(Operation.ADDSD, FloatArithmeticHandlers::addsd);
    table.put(Operation.SUBSD, FloatArithmeticHandlers::subsd);
    table.put(Operation.MULSD, FloatArithmeticHandlers::mulsd);
    table.put(Operation.DIVSD, FloatArithmeticHandlers::divsd);
  }

  private static void registerSingles(HandlerTable table) {
    singles(table, Operation.ADDPS, Operation.ADDSS, Float32::add);
    singles(table, Operation.SUBPS, Operation.SUBSS, Float32::sub);
    singles(table, Operation.MULPS, Operation.MULSS, Float32::mul);
    singles(table, Operation.DIVPS, Operation.DIVSS, Float32::div);
    singles(table, Operation.MINPS, Operation.MINSS, Float32::min);
    singles(table, Operation.MAXPS, Operation.MAXSS, Float32::max);
    singles(table, Operation.SQRTPS, Operation.SQRTSS, (a, b, env) -> Float32.sqrt(b, env));
    singles(table, Operation.RCPPS, Operation.RCPSS, (a, b, env) -> Float32.rcp(b));
    singles(table, Operation.RSQRTPS, Operation.RSQRTSS, (a, b, env) -> Float32.rsqrt(b));
  }

  private static void registerDoubles(HandlerTable table) {
    packed(table, Operation.ADDPD, Float64::add);
    packed(table, Operation.SUBPD, Float64::sub);
    packed(table, Operation.MULPD, Float64::mul);
    packed(table, Operation.DIVPD, Float64::div);
    packed(table, Operation.MINPD, Float64::min);
    packed(table, Operation.MAXPD, Float64::max);
    packed(table, Operation.SQRTPD, (a, b, env) -> Float64.sqrt(b, env));
    scalar(table, Operation.MINSD, Float64::min);
    scalar(table, Operation.MAXSD, Float64::max);
    scalar(table, Operation.SQRTSD, (a, b, env) -> Float64.sqrt(b, env));
  }

  private static void singles(
      HandlerTable table, Operation packed, Operation scalar, SingleOperation operation) {
    table.put(packed, (cpu, insn) -> packedSingles(cpu, insn, operation));
    table.put(scalar, (cpu, insn) -> scalarSingle(cpu, insn, operation));
  }

  private static void packed(HandlerTable table, Operation name, DoubleOperation operation) {
    table.put(name, (cpu, insn) -> packedDoubles(cpu, insn, operation));
  }

  private static void scalar(HandlerTable table, Operation name, DoubleOperation operation) {
    table.put(name, (cpu, insn) -> scalarDouble(cpu, insn, operation));
  }

  private static void packedSingles(Cpu cpu, Insn insn, SingleOperation operation) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long low = operation.applyToPair(xmm[d], xmm[s], env);
    long high = operation.applyToPair(xmm[d + 1], xmm[s + 1], env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  private static void scalarSingle(Cpu cpu, Insn insn, SingleOperation operation) {
    int source = Sse.source32(cpu, insn);
    int d = insn.register0 << 1;
    long old = cpu.xmm[d];
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    int result = operation.apply((int) old, source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = old & HIGH_HALF | result & ~HIGH_HALF;
  }

  private static void packedDoubles(Cpu cpu, Insn insn, DoubleOperation operation) {
    long[] xmm = cpu.xmm;
    int s = Sse.source(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long low = operation.apply(xmm[d], xmm[s], env);
    long high = operation.apply(xmm[d + 1], xmm[s + 1], env);
    FloatExceptions.end(cpu, sticky);
    xmm[d] = low;
    xmm[d + 1] = high;
  }

  private static void scalarDouble(Cpu cpu, Insn insn, DoubleOperation operation) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = operation.apply(cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result;
  }

  // The operations that programs are made of, with nothing called through an interface.

  private static void addsd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = Float64.add(cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result;
  }

  private static void subsd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = Float64.sub(cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result;
  }

  private static void mulsd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = Float64.mul(cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result;
  }

  private static void divsd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    FloatEnv env = cpu.sse;
    int sticky = FloatExceptions.begin(env);
    long result = Float64.div(cpu.xmm[d], source, env);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result;
  }
}
