package org.maloca.x86.simd;

import static org.maloca.x86.simd.Swar.DWORDS;
import static org.maloca.x86.simd.Swar.WORDS;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Shifts of packed integers by one count, and of a whole register by bytes. */
final class PackedShiftHandlers {
  /** Counts beyond it act like it: more than any lane's width. */
  private static final int COUNT_LIMIT = 255;

  /** A shift of 64 bits' lanes by 0 to {@link #COUNT_LIMIT}. */
  @FunctionalInterface
  private interface Shift {
    long apply(long value, int count);
  }

  private PackedShiftHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PSLLW, handler((a, count) -> Swar.shiftLeft(a, count, WORDS)));
    table.put(Operation.PSLLD, handler((a, count) -> Swar.shiftLeft(a, count, DWORDS)));
    table.put(Operation.PSLLQ, handler(Swar::shiftQwordLeft));
    table.put(Operation.PSRLW, handler((a, count) -> Swar.shiftRight(a, count, WORDS)));
    table.put(Operation.PSRLD, handler((a, count) -> Swar.shiftRight(a, count, DWORDS)));
    table.put(Operation.PSRLQ, handler(Swar::shiftQwordRight));
    table.put(Operation.PSRAW, handler((a, count) -> Swar.shiftRightArithmetic(a, count, WORDS)));
    table.put(Operation.PSRAD, handler((a, count) -> Swar.shiftRightArithmetic(a, count, DWORDS)));
    table.put(Operation.PSLLDQ, PackedShiftHandlers::pslldq);
    table.put(Operation.PSRLDQ, PackedShiftHandlers::psrldq);
  }

  private static InsnHandler handler(Shift shift) {
    return (cpu, insn) -> {
      if (Mmx.isUsed(insn)) {
        int count = countMmx(cpu, insn);
        Mmx.complete(cpu, insn, shift.apply(Mmx.destination(cpu, insn), count));
        return;
      }
      int count = count(cpu, insn);
      long[] xmm = cpu.xmm;
      int d = insn.register0 << 1;
      xmm[d] = shift.apply(xmm[d], count);
      xmm[d + 1] = shift.apply(xmm[d + 1], count);
    };
  }

  private static int count(Cpu cpu, Insn insn) {
    if (insn.kind1 == OperandKind.IMMEDIATE) {
      Sse.check(cpu);
      return (int) insn.immediate & COUNT_LIMIT;
    }
    return Swar.shiftCount(cpu.xmm[Sse.source(cpu, insn)]);
  }

  private static int countMmx(Cpu cpu, Insn insn) {
    if (insn.kind1 == OperandKind.IMMEDIATE) {
      cpu.x87.checkMmxUsable(cpu);
      return (int) insn.immediate & COUNT_LIMIT;
    }
    return Swar.shiftCount(Mmx.source(cpu, insn));
  }

  private static void pslldq(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int bits = (int) (insn.immediate & 0xff) * 8;
    long[] xmm = cpu.xmm;
    int d = insn.register0 << 1;
    long low = xmm[d];
    if (bits >= 64) {
      xmm[d + 1] = bits >= 128 ? 0 : low << bits;
      xmm[d] = 0;
    } else if (bits != 0) {
      xmm[d + 1] = xmm[d + 1] << bits | low >>> -bits;
      xmm[d] = low << bits;
    }
  }

  private static void psrldq(Cpu cpu, Insn insn) {
    Sse.check(cpu);
    int bits = (int) (insn.immediate & 0xff) * 8;
    long[] xmm = cpu.xmm;
    int d = insn.register0 << 1;
    long high = xmm[d + 1];
    if (bits >= 64) {
      xmm[d] = bits >= 128 ? 0 : high >>> bits;
      xmm[d + 1] = 0;
    } else if (bits != 0) {
      xmm[d] = xmm[d] >>> bits | high << -bits;
      xmm[d + 1] = high >>> bits;
    }
  }
}
