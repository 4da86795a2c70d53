package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The order in which a region's blocks are emitted: reverse postorder of a depth-first walk, so
 * that a block follows those that lead to it, and only loops jump back.
 */
final class BlockOrder {
  private final Function<RegionBlock, List<RegionBlock>> successors;
  private final Set<RegionBlock> seen = new HashSet<>();
  private final List<RegionBlock> postorder = new ArrayList<>();

  BlockOrder(RegionBlock start, Function<RegionBlock, List<RegionBlock>> successors) {
    this.successors = successors;
    walk(start);
    Collections.reverse(postorder);
  }

  /** The blocks that can be reached from the start, which is the first. */
  List<RegionBlock> order() {
    return postorder;
  }

  /** Recursion is as deep as a region has blocks, some two hundred at most. */
  private void walk(RegionBlock block) {
    if (!seen.add(block)) {
      return;
    }
    List<RegionBlock> next = successors.apply(block);
    // The last one visited comes first in the reversed order: the fall-through, for JCC.
    for (int i = next.size() - 1; i >= 0; i--) {
      walk(next.get(i));
    }
    postorder.add(block);
  }
}
