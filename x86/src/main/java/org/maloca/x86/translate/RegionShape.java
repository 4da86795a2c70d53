package org.maloca.x86.translate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Which blocks of a page make up a region: those that direct jumps reach from a hot block, and
 * those behind its calls, as far as they have been executed and there is room.
 */
final class RegionShape {
  /** HotSpot compiles no method of more than 8000 bytes; this stays well below for common code. */
  static final int MAX_INSNS = 160;

  private final List<Block> blocks = new ArrayList<>();
  private final Map<Integer, Integer> indexByOffset = new HashMap<>();
  private int insnCount;

  private RegionShape() {}

  /**
   * Gathers a region.
   *
   * @param blockAt the executed block at a page offset, in the mode of {@code start}, or null
   */
  static RegionShape around(Block start, IntFunction<@Nullable Block> blockAt, int maxInsns) {
    RegionShape shape = new RegionShape();
    ArrayDeque<Block> pending = new ArrayDeque<>();
    pending.add(start);
    while (!pending.isEmpty()) {
      Block block = pending.poll();
      if (shape.contains(block.pageOffset)) {
        continue;
      }
      if (!shape.blocks.isEmpty() && shape.insnCount + block.insns.length > maxInsns) {
        continue;
      }
      shape.add(block);
      for (int offset : successors(block)) {
        if (offset >= 0 && offset < 0x1000 && !shape.contains(offset)) {
          Block next = blockAt.apply(offset);
          if (next != null
              && next.valid
              && next.mode == start.mode
              && next.length > 0
              && next.pageOffset + next.length <= 0x1000) {
            pending.add(next);
          }
        }
      }
    }
    return shape;
  }

  private void add(Block block) {
    indexByOffset.put(block.pageOffset, blocks.size());
    blocks.add(block);
    insnCount += block.insns.length;
  }

  private static int[] successors(Block block) {
    Insn last = block.insns[block.insns.length - 1];
    int next = block.pageOffset + block.length;
    return switch (last.operation) {
      case JCC -> new int[] {target(last, next), next};
      case JMP -> new int[] {target(last, next)};
      case CALL, CALL_INDIRECT -> new int[] {next};
      case RET, JMP_INDIRECT -> new int[0];
      default -> last.operation.endsBlock() ? new int[0] : new int[] {next};
    };
  }

  /** Page offset of a direct branch's target. */
  static int target(Insn branch, int next) {
    long target = next + branch.immediate;
    return target >= 0 && target < 0x1000 ? (int) target : -1;
  }

  boolean contains(int offset) {
    return indexByOffset.containsKey(offset);
  }

  List<Block> blocks() {
    return blocks;
  }

  int insnCount() {
    return insnCount;
  }

  /** Whether an operation's fall-through leaves the block by {@link Operation#endsBlock}. */
  static boolean endsByHandler(Insn insn) {
    return switch (insn.operation) {
      case JCC, JMP, CALL, CALL_INDIRECT, RET, JMP_INDIRECT -> false;
      default -> insn.operation.endsBlock();
    };
  }
}
