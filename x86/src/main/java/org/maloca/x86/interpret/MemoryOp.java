package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;

/** An op with a memory operand whose linear address is its offset (flat segments). */
abstract class MemoryOp extends Op {
  private final int base;
  private final int index;
  private final int scale;
  private final long displacement;
  private final long mask;

  MemoryOp(Insn insn) {
    base = insn.ripRelative ? Cpu.BLOCK_RIP_SLOT : insn.base;
    index = insn.index;
    scale = insn.scale;
    displacement = insn.displacement + (insn.ripRelative ? insn.nextOffset() : 0);
    mask = insn.addressSize == 8 ? -1L : 0xffff_ffffL;
  }

  final long address(Cpu cpu) {
    long[] r = cpu.r;
    return r[base] + (r[index] << scale) + displacement & mask;
  }
}
