package org.maloca.x86.translate;

import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Insn;

/**
 * A block in a region.
 *
 * @param offset of its first byte from the region's base, which is the RIP of the first byte of the
 *     page that the region's first block lies in
 */
record RegionBlock(Block block, int offset) {
  Insn last() {
    return block.insns[block.insns.length - 1];
  }

  /** Offset of the instruction after the block. */
  int next() {
    return offset + block.length;
  }

  /** Offset of a direct branch's target. */
  long target() {
    return next() + last().immediate;
  }

  /** Offset of an instruction of the block. */
  int at(Insn insn) {
    return offset + insn.offset;
  }
}
