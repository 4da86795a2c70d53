package org.maloca.x86.simd;

import org.maloca.x86.Cpu;
import org.maloca.x86.Flags;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/** PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM: operands, index or mask, and flags. */
final class StringCompareHandlers {
  private StringCompareHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.PCMPESTRI, (cpu, insn) -> explicitLengths(cpu, insn, false));
    table.put(Operation.PCMPESTRM, (cpu, insn) -> explicitLengths(cpu, insn, true));
    table.put(Operation.PCMPISTRI, (cpu, insn) -> implicitLengths(cpu, insn, false));
    table.put(Operation.PCMPISTRM, (cpu, insn) -> implicitLengths(cpu, insn, true));
  }

  private static void explicitLengths(Cpu cpu, Insn insn, boolean wantsMask) {
    int s = Sse.sourceUnaligned(cpu, insn);
    int aLength = length(cpu.rax, insn);
    int bLength = length(cpu.rdx, insn);
    execute(cpu, insn, s, aLength, bLength, wantsMask);
  }

  /** A length register's magnitude, at most a register's elements. */
  private static int length(long register, Insn insn) {
    long length = Math.abs(insn.operandSize == 8 ? register : (int) register);
    int elements = StringCompare.elements((int) insn.immediate);
    // The most negative length has no positive counterpart.
    return length < 0 || length > elements ? elements : (int) length;
  }

  private static void implicitLengths(Cpu cpu, Insn insn, boolean wantsMask) {
    int s = Sse.sourceUnaligned(cpu, insn);
    int d = insn.register0 << 1;
    int control = (int) insn.immediate;
    int aLength = StringCompare.implicitLength(cpu.xmm[d], cpu.xmm[d + 1], control);
    int bLength = StringCompare.implicitLength(cpu.xmm[s], cpu.xmm[s + 1], control);
    execute(cpu, insn, s, aLength, bLength, wantsMask);
  }

  private static void execute(
      Cpu cpu, Insn insn, int s, int aLength, int bLength, boolean wantsMask) {
    long[] xmm = cpu.xmm;
    int d = insn.register0 << 1;
    int control = (int) insn.immediate;
    int result =
        StringCompare.compare(xmm[d], xmm[d + 1], aLength, xmm[s], xmm[s + 1], bLength, control);
    if (wantsMask) {
      storeMask(xmm, result, control);
    } else {
      cpu.rcx = index(result, control);
    }
    int elements = StringCompare.elements(control);
    cpu.setArithmeticFlags(
        (result != 0 ? Flags.CF : 0)
            | (bLength < elements ? Flags.ZF : 0)
            | (aLength < elements ? Flags.SF : 0)
            | ((result & 1) != 0 ? Flags.OF : 0));
  }

  private static long index(int result, int control) {
    if (result == 0) {
      return StringCompare.elements(control);
    }
    return (control & StringCompare.OUTPUT_SELECT) != 0
        ? 31 - Integer.numberOfLeadingZeros(result)
        : Integer.numberOfTrailingZeros(result);
  }

  private static void storeMask(long[] xmm, int result, int control) {
    if ((control & StringCompare.OUTPUT_SELECT) == 0) {
      xmm[0] = result;
      xmm[1] = 0;
    } else if ((control & StringCompare.WORDS) != 0) {
      xmm[0] = Blend.wordMask(result);
      xmm[1] = Blend.wordMask(result >>> 4);
    } else {
      xmm[0] = Blend.byteMask(result);
      xmm[1] = Blend.byteMask(result >>> 8);
    }
  }
}
