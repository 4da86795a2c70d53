package org.maloca.x86.simd;

import java.util.function.IntToLongFunction;
import java.util.function.LongUnaryOperator;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Operation;

/** Choosing each element from the destination or the source, by an immediate or by XMM0's signs. */
final class BlendHandlers {
  private BlendHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.BLENDPS, immediate(Blend::dwordMask, 2));
    table.put(Operation.BLENDPD, immediate(Blend::qwordMask, 1));
    table.put(Operation.PBLENDW, immediate(Blend::wordMask, 4));
    table.put(Operation.PBLENDVB, variable(a -> Swar.fill(a & Swar.BYTES, Swar.BYTES)));
    table.put(Operation.BLENDVPS, variable(a -> Swar.fill(a & Swar.DWORDS, Swar.DWORDS)));
    table.put(Operation.BLENDVPD, variable(a -> a >> 63));
  }

  private static InsnHandler immediate(IntToLongFunction mask, int elementsPerHalf) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      int bits = (int) insn.immediate;
      xmm[d] = Blend.select(xmm[d], xmm[s], mask.applyAsLong(bits));
      xmm[d + 1] = Blend.select(xmm[d + 1], xmm[s + 1], mask.applyAsLong(bits >>> elementsPerHalf));
    };
  }

  private static InsnHandler variable(LongUnaryOperator mask) {
    return (cpu, insn) -> {
      long[] xmm = cpu.xmm;
      int s = Sse.source(cpu, insn);
      int d = insn.register0 << 1;
      // The destination or the source may be XMM0 itself.
      long highMask = mask.applyAsLong(xmm[1]);
      xmm[d] = Blend.select(xmm[d], xmm[s], mask.applyAsLong(xmm[0]));
      xmm[d + 1] = Blend.select(xmm[d + 1], xmm[s + 1], highMask);
    };
  }
}
