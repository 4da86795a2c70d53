package org.maloca.x86.translate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Flags;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Which arithmetic flags somebody may look at after each instruction of a region: a later
 * instruction, the handler of a fault, or whoever goes on where the region is left.
 */
final class FlagLiveness {
  private final Map<Block, int[]> after = new HashMap<>();
  private final Predicate<Insn> isEmitted;

  /**
   * Computes it.
   *
   * @param isEmitted whether an instruction is not left to its handler
   */
  FlagLiveness(List<Block> blocks, Predicate<Insn> isEmitted) {
    this.isEmitted = isEmitted;
    Map<Integer, Block> byOffset = new HashMap<>();
    for (Block block : blocks) {
      byOffset.put(block.pageOffset, block);
      after.put(block, new int[block.insns.length]);
    }
    boolean grows = true;
    while (grows) {
      grows = false;
      for (int i = blocks.size() - 1; i >= 0; i--) {
        Block block = blocks.get(i);
        grows |= flow(block, liveOut(block, byOffset));
      }
    }
  }

  /** The flags that are live after each instruction of a block. */
  int[] after(Block block) {
    return after.get(block);
  }

  private boolean flow(Block block, int liveOut) {
    int[] sets = after.get(block);
    int last = block.insns.length - 1;
    int[] before = sets.clone();
    int live = liveOut;
    for (int i = last; i >= 0; i--) {
      sets[i] = live;
      live = before(block.insns[i], live);
    }
    return !Arrays.equals(before, sets);
  }

  private int before(Insn insn, int live) {
    if (mayFault(insn)) {
      return Flags.ARITHMETIC;
    }
    return live & ~Effects.flagsOverwritten(insn) | Effects.flagsRead(insn);
  }

  private boolean mayFault(Insn insn) {
    return insn.hasMemory()
        || !isEmitted.test(insn)
            && insn.operation != Operation.JCC
            && insn.operation != Operation.JMP
        || insn.operation == Operation.PUSH
        || insn.operation == Operation.POP
        || insn.operation == Operation.LEAVE;
  }

  private int liveOut(Block block, Map<Integer, Block> byOffset) {
    Insn last = block.insns[block.insns.length - 1];
    int next = block.pageOffset + block.length;
    return switch (last.operation) {
      case JCC ->
          liveIn(block, byOffset.get(next))
              | liveIn(block, byOffset.get(next + (int) last.immediate));
      case JMP -> liveIn(block, byOffset.get(next + (int) last.immediate));
      default -> last.operation.endsBlock() ? Flags.ARITHMETIC : liveIn(block, byOffset.get(next));
    };
  }

  /** A jump back may leave the region for an event. */
  private int liveIn(Block from, @Nullable Block to) {
    if (to == null || to.pageOffset <= from.pageOffset) {
      return Flags.ARITHMETIC;
    }
    return before(to.insns[0], after.get(to)[0]);
  }
}
