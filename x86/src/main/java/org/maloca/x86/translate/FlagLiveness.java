package org.maloca.x86.translate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Which arithmetic flags somebody may look at after each instruction of a region: a later
 * instruction, the handler of a fault, or whoever goes on where the region is left.
 */
final class FlagLiveness {
  private final Map<RegionBlock, int[]> after = new HashMap<>();
  private final RegionPlan plan;
  private final Predicate<Insn> isEmitted;

  /**
   * Computes it.
   *
   * @param isEmitted whether an instruction is not left to its handler
   */
  FlagLiveness(RegionPlan plan, Predicate<Insn> isEmitted) {
    this.plan = plan;
    this.isEmitted = isEmitted;
    List<RegionBlock> blocks = plan.blocks();
    for (RegionBlock block : blocks) {
      after.put(block, new int[block.block().count]);
    }
    boolean grows = true;
    while (grows) {
      grows = false;
      for (int i = blocks.size() - 1; i >= 0; i--) {
        grows |= flow(blocks.get(i), liveOut(blocks.get(i)));
      }
    }
  }

  /** The flags that are live after each instruction of a block. */
  int[] after(RegionBlock block) {
    return Objects.requireNonNull(after.get(block));
  }

  private boolean flow(RegionBlock block, int liveOut) {
    int[] sets = after(block);
    Insn[] insns = block.block().insns();
    int[] before = sets.clone();
    int live = liveOut;
    for (int i = insns.length - 1; i >= 0; i--) {
      sets[i] = live;
      live = before(insns[i], live);
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
    return insn.hasMemory() && insn.operation != Operation.LEA && insn.operation != Operation.NOP
        || Effects.mayRaiseFloatException(insn.operation)
        || Effects.isX87(insn.operation)
        || !isEmitted.test(insn)
            && insn.operation != Operation.JCC
            && insn.operation != Operation.JMP
        || switch (insn.operation) {
          case PUSH, POP, PUSHF, LEAVE, ENTER, XLAT, DIV, IDIV, RDTSC, RDTSCP -> true;
          default -> false;
        };
  }

  private int liveOut(RegionBlock block) {
    Insn last = block.last();
    return switch (last.operation) {
      case JCC -> liveIn(block, block.next()) | liveIn(block, block.target());
      case JMP -> liveIn(block, block.target());
      default -> last.operation.endsBlock() ? Flags.ARITHMETIC : liveIn(block, block.next());
    };
  }

  /** A jump back may leave the region for an event. */
  private int liveIn(RegionBlock from, long offset) {
    RegionBlock to = plan.at(offset);
    if (to == null || plan.isBackward(from, to)) {
      return Flags.ARITHMETIC;
    }
    return before(to.block().insns()[0], after(to)[0]);
  }
}
