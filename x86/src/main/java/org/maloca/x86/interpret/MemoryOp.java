package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;

/**
 * An op with a memory operand whose linear address is its offset (flat segments). Small, as all
 * ops: code that is seldom executed comes from far away in the host's memory each time.
 */
abstract class MemoryOp extends Op {
  /**
   * With a scale: the address is cut to 32 bits. Shifts of a long look at the six bits below it.
   */
  private static final int CUT = 64;

  private final byte base;
  private final byte index;
  private final byte scale;
  private final long displacement;

  MemoryOp(Insn insn) {
    base = insn.ripRelative ? Cpu.BLOCK_RIP : insn.base;
    index = insn.index;
    scale = (byte) (insn.addressSize == 8 ? insn.scale : insn.scale | CUT);
    displacement = insn.displacement + (insn.ripRelative ? insn.nextOffset() : 0);
  }

  final long address(Cpu cpu) {
    long address = cpu.gpr(base) + (cpu.gpr(index) << scale) + displacement;
    return scale < CUT ? address : address & 0xffff_ffffL;
  }
}
