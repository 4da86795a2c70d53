package org.maloca.x86.translate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * A block in a region.
 *
 * @param offset of its first byte from the region's base, which is the RIP of the first byte of the
 *     page that the region's first block lies in
 */
record RegionBlock(Block block, int offset) {
  Insn last() {
    return block.insns()[block.count - 1];
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

  /**
   * Offsets of where it goes on to without leaving compiled code, as far as that is fixed or was
   * seen: for a conditional jump behind it first, for a call the callee first.
   */
  long[] ways() {
    return switch (last().operation) {
      case JCC -> new long[] {next(), target()};
      case JMP -> new long[] {target()};
      case CALL -> new long[] {target(), next()};
      case CALL_INDIRECT -> {
        long[] seen = computedTargets();
        long[] ways = Arrays.copyOf(seen, seen.length + 1);
        ways[seen.length] = next();
        yield ways;
      }
      case RET, JMP_INDIRECT -> computedTargets();
      default -> neverGoesOn(last().operation) ? new long[0] : new long[] {next()};
    };
  }

  /** Offsets that its computed jump was seen to go to. */
  long[] computedTargets() {
    long[] offsets = block.indirectDistances().clone();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] += offset;
    }
    return offsets;
  }

  /** Whether what follows an operation that ends its block is seldom what runs next. */
  static boolean neverGoesOn(Operation operation) {
    return switch (operation) {
      case JMP_FAR, CALL_FAR, RET_FAR, IRET, INT, INT3, INT1, INTO -> true;
      case SYSCALL, SYSRET, SYSENTER, SYSEXIT, UD, HLT, RSM -> true;
      default -> false;
    };
  }

  // Keys of maps say themselves what makes them equal: what the JDK makes for records runs through
  // method handles, which are slow while a boot lasts.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RegionBlock that && block == that.block && offset == that.offset;
  }

  @Override
  public int hashCode() {
    return offset;
  }
}
