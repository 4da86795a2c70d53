package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;
import org.maloca.x86.softfloat.FloatEnv;

/** Conversions of packed elements between XMM registers. */
final class PackedConversionHandlers {
  /** 32 bits from 32. */
  @FunctionalInterface
  interface FromSingle {
    int apply(int source, FloatEnv env);

    default long applyToPair(long source, FloatEnv env) {
      return join(apply((int) source, env), apply((int) (source >>> 32), env));
    }
  }

  /** 32 bits from 64. */
  @FunctionalInterface
  interface FromDouble {
    int apply(long source, FloatEnv env);
  }

  private PackedConversionHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.CVTDQ2PS, same(Float32::fromInt32));
    table.put(Operation.CVTPS2DQ, same(Float32::toInt32));
    table.put(Operation.CVTTPS2DQ, same(Float32::toInt32Truncating));
    table.put(Operation.CVTPD2DQ, narrowing(Float64::toInt32));
    table.put(Operation.CVTTPD2DQ, narrowing(Float64::toInt32Truncating));
    table.put(Operation.CVTPD2PS, narrowing(Float64::toFloat32));
    table.put(Operation.CVTPS2PD, PackedConversionHandlers::cvtps2pd);
    table.put(Operation.CVTDQ2PD, PackedConversionHandlers::cvtdq2pd);
  }

  static long join(int low, int high) {
    return low & 0xffff_ffffL | (long) high << 32;
  }

  private static InsnHandler same(FromSingle conversion) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      int sticky = FloatExceptions.begin(cpu.sse);
      long low = conversion.applyToPair(xmm[s], cpu.sse);
      long high = conversion.applyToPair(xmm[s + 1], cpu.sse);
      FloatExceptions.end(cpu, sticky);
      xmm[d] = low;
      xmm[d + 1] = high;
    };
  }

  private static InsnHandler narrowing(FromDouble conversion) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      int sticky = FloatExceptions.begin(cpu.sse);
      int low = conversion.apply(xmm[s], cpu.sse);
      int high = conversion.apply(xmm[s + 1], cpu.sse);
      FloatExceptions.end(cpu, sticky);
      xmm[d] = join(low, high);
      xmm[d + 1] = 0;
    };
  }

  private static void cvtps2pd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    int sticky = FloatExceptions.begin(cpu.sse);
    long low = Float32.toFloat64((int) source, cpu.sse);
    long high = Float32.toFloat64((int) (source >>> 32), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[d] = low;
    cpu.xmm[d + 1] = high;
  }

  private static void cvtdq2pd(Cpu cpu, Insn insn) {
    long source = Sse.source64(cpu, insn);
    int d = insn.register0 << 1;
    cpu.xmm[d] = Float64.fromInt32((int) source);
    cpu.xmm[d + 1] = Float64.fromInt32((int) (source >>> 32));
  }
}
