package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Conversions of one element: to and from general registers and the other format. */
final class ScalarConversionHandlers {
  private static final long HIGH_HALF = 0xffff_ffff_0000_0000L;

  private ScalarConversionHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.CVTSI2SD, ScalarConversionHandlers::cvtsi2sd);
    table.put(Operation.CVTSI2SS, ScalarConversionHandlers::cvtsi2ss);
    table.put(Operation.CVTSD2SI, (cpu, insn) -> doubleToInteger(cpu, insn, cpu.sse.rounding));
    table.put(Operation.CVTTSD2SI, (cpu, insn) -> doubleToInteger(cpu, insn, FloatEnv.TOWARD_ZERO));
    table.put(Operation.CVTSS2SI, (cpu, insn) -> singleToInteger(cpu, insn, cpu.sse.rounding));
    table.put(Operation.CVTTSS2SI, (cpu, insn) -> singleToInteger(cpu, insn, FloatEnv.TOWARD_ZERO));
    table.put(Operation.CVTSS2SD, ScalarConversionHandlers::cvtss2sd);
    table.put(Operation.CVTSD2SS, ScalarConversionHandlers::cvtsd2ss);
  }

  private static void cvtsi2sd(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int d = insn.register0 << 1;
    long source = cpu.read(insn, 1);
    if (insn.operandSize == 4) {
      cpu.xmm[d] = Float64.fromInt32((int) source);
      return;
    }
    int sticky = FloatExceptions.begin(cpu.sse);
    long result = Float64.fromInt64(source, cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = result;
  }

  private static void cvtsi2ss(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int d = insn.register0 << 1;
    long source = Cpu.signExtend(cpu.read(insn, 1), insn.operandSize);
    int sticky = FloatExceptions.begin(cpu.sse);
    int result = Float32.fromInt64(source, cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = cpu.xmm[d] & HIGH_HALF | result & ~HIGH_HALF;
  }

  private static void doubleToInteger(Cpu cpu, Insn insn, int rounding) {
    long source = Sse.source64(cpu, insn);
    FloatEnv env = cpu.sse;
    boolean truncate = rounding == FloatEnv.TOWARD_ZERO;
    int sticky = FloatExceptions.begin(env);
    long result;
    if (insn.operandSize == 8) {
      result = truncate ? Float64.toInt64Truncating(source, env) : Float64.toInt64(source, env);
    } else {
      result = truncate ? Float64.toInt32Truncating(source, env) : Float64.toInt32(source, env);
    }
    FloatExceptions.end(cpu, sticky);
    cpu.setGpr(insn.register0, insn.operandSize, result);
  }

  private static void singleToInteger(Cpu cpu, Insn insn, int rounding) {
    int source = Sse.source32(cpu, insn);
    FloatEnv env = cpu.sse;
    boolean truncate = rounding == FloatEnv.TOWARD_ZERO;
    int sticky = FloatExceptions.begin(env);
    long result;
    if (insn.operandSize == 8) {
      result = truncate ? Float32.toInt64Truncating(source, env) : Float32.toInt64(source, env);
    } else {
      result = truncate ? Float32.toInt32Truncating(source, env) : Float32.toInt32(source, env);
    }
    FloatExceptions.end(cpu, sticky);
    cpu.setGpr(insn.register0, insn.operandSize, result);
  }

  private static void cvtss2sd(Cpu cpu, Insn insn) {
    int source = Sse.source32(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    long result = Float32.toFloat64(source, cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[insn.register0 << 1] = result;
  }

  private static void cvtsd2ss(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    int sticky = FloatExceptions.begin(cpu.sse);
    int result = Float64.toFloat32(source, cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = cpu.xmm[d] & HIGH_HALF | result & ~HIGH_HALF;
  }
}
