package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.softfloat.Float32;
import org.maloca.x86.softfloat.Float64;

/**
 * Conversions between MMX integers and XMM floating point. Where an MMX register takes part they
 * enter MMX state, even if #XM follows.
 */
final class MmxConversionHandlers {
  private MmxConversionHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.CVTPI2PS, MmxConversionHandlers::cvtpi2ps);
    table.put(Operation.CVTPI2PD, MmxConversionHandlers::cvtpi2pd);
    table.put(Operation.CVTPS2PI, fromSingles(Float32::toInt32));
    table.put(Operation.CVTTPS2PI, fromSingles(Float32::toInt32Truncating));
    table.put(Operation.CVTPD2PI, fromDoubles(Float64::toInt32));
    table.put(Operation.CVTTPD2PI, fromDoubles(Float64::toInt32Truncating));
  }

  /** Two integers; with a memory operand it is no MMX instruction (so on AMD's CPUs). */
  private static long integers(Cpu cpu, Insn insn) {
    if (insn.kind1 == OperandKind.MMX) {
      Sse.check(cpu);
      long source = Mmx.source(cpu, insn);
      cpu.x87.enterMmx();
      return source;
    }
    return Sse.source64(cpu, insn);
  }

  private static void cvtpi2ps(Cpu cpu, Insn insn) {
    long source = integers(cpu, insn);
    int sticky = FloatExceptions.begin(cpu.sse);
    int low = Float32.fromInt32((int) source, cpu.sse);
    int high = Float32.fromInt32((int) (source >>> 32), cpu.sse);
    FloatExceptions.end(cpu, sticky);
    cpu.xmm[insn.register0 << 1] = PackedConversionHandlers.join(low, high);
  }

  private static void cvtpi2pd(Cpu cpu, Insn insn) {
    long source = integers(cpu, insn);
    int d = insn.register0 << 1;
    cpu.xmm[d] = Float64.fromInt32((int) source);
    cpu.xmm[d + 1] = Float64.fromInt32((int) (source >>> 32));
  }

  private static InsnHandler fromSingles(PackedConversionHandlers.FromSingle conversion) {
    return (cpu, insn) -> {
      Sse.check(cpu);
      cpu.x87.checkMmxUsable(cpu);
      long source = Sse.source64(cpu, insn);
      cpu.x87.enterMmx();
      int sticky = FloatExceptions.begin(cpu.sse);
      long result = conversion.applyToPair(source, cpu.sse);
      FloatExceptions.end(cpu, sticky);
      Mmx.complete(cpu, insn, result);
    };
  }

  private static InsnHandler fromDoubles(PackedConversionHandlers.FromDouble conversion) {
    return (cpu, insn) -> {
      Sse.check(cpu);
      cpu.x87.checkMmxUsable(cpu);
      int s = Sse.source(cpu, insn);
      cpu.x87.enterMmx();
      int sticky = FloatExceptions.begin(cpu.sse);
      int low = conversion.apply(cpu.xmm[s], cpu.sse);
      int high = conversion.apply(cpu.xmm[s + 1], cpu.sse);
      FloatExceptions.end(cpu, sticky);
      Mmx.complete(cpu, insn, PackedConversionHandlers.join(low, high));
    };
  }
}
